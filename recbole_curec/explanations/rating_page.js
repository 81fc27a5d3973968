// The page of predicted ratings.
(() => {
  const { data, make, named, signed, bar, parts, review } = frame;
  const OWNERS = ["user", "item"];
  const PARTS = [["this user", "var(--ids)"], ["this item", "var(--text)"], ["ids and past reviews", "var(--told)"]];

  const off = (item) => item.true === undefined ? null : item.true - item.rating;
  const isWrong = (item) => off(item) !== null && Math.abs(off(item)) >= 1;
  const filters = [["low", (item) => item.rating < item.mean], ["nothing", (item) => !item.moved], ["wrong", isWrong]];

  function rests(item) {
    if (!item.rests.length) return "no past review is read for it";
    const most = Math.max(...item.rests.map(([, , change]) => Math.abs(change)));
    const list = make("ul", { class: "rests" });
    for (const [number, side, change] of item.rests) {
      const whose = side === 0 ? "the user's review " : "a review of the item ";
      list.append(make("li", {}, make("span", { class: "change" }, signed(change, 3)),
        bar(change, most, change < 0 ? "var(--bad)" : "var(--good)"),
        make("div", { class: "said" }, make("span", { class: "whose" }, whose), ...review(number, OWNERS[side]))));
    }
    if (item.more) list.append(make("li", { class: "note" }, `and ${item.more} that change it less`));
    return list;
  }

  function why(item) {
    const rows = PARTS.map(([name, fill], place) => [name, item.parts[place], fill]);
    const rating = [parts(rows, "mean of all", item.mean)];
    if (item.cut !== undefined) rating.push(make("p", { class: "note" }, `The sum is ${item.cut.toFixed(2)}, cut to the scale.`));
    const list = make("dl", {}, make("dt", {}, "Rating"), make("dd", {}, ...rating),
      make("dt", {}, "Rests on"), make("dd", {}, rests(item)),
      make("dt", {}, "Item id"), make("dd", {}, make("bdi", {}, item.id)));
    return make("details", {}, make("summary", {}, "Parts and past reviews"), list);
  }

  function card(item, place) {
    const tags = make("ul", { class: "tags" });
    const tag = (text, kind) => tags.append(make("li", { class: `tag ${kind}` }, text));
    const by = off(item);
    if (by !== null) {
      tag(`rated ${item.true} (${item.split} split)`, "");
      tag(`${Math.abs(by).toFixed(2)} ${by < 0 ? "too high" : "too low"}`, isWrong(item) ? "off" : "near");
    }
    if (!item.moved) tag("rests on no past review", "");
    const top = make("div", { class: "top" },
      make("span", { class: "rank" }, `${place + 1}.`), make("h3", {}, named(item.title)),
      make("span", { class: "score" }, `predicted ${item.rating.toFixed(2)}`));
    return make("li", { class: "item" }, top, make("p", { class: "reason" }, make("bdi", {}, item.reason)), tags, why(item));
  }

  function show(user, items) {
    const list = items.length ? make("ol", { class: "items" }, ...items.map(card))
      : make("p", { class: "note" }, "No rating is predicted: this user has rated every item.");
    return [make("div", { role: "group", "aria-label": data.model }, make("h2", {}, make("bdi", {}, data.model)), list)];
  }

  frame.start({ filters, show });
})();
