// The page of explained lists.
(() => {
  const { data, make, named, signed, review } = frame;
  const COLOURS = { ids: "var(--ids)", text: "var(--text)", reasons: "var(--told)", reviews: "var(--told)" };
  const OUTCOMES = { kept: "draft kept", repaired: "revised by the model", replaced: "teacher's sentence", left: "low reward" };

  const isFaulty = (item) => item.fault !== undefined;
  const isReplaced = (item) => item.outcome === "replaced";
  const filters = [["faulty", isFaulty], ["replaced", isReplaced], ["cold", (item) => item.cold]];

  function movement(item, place) {
    const role = data.others[place], rank = item.ranks[place];
    if (item.taken) return [`${role}: left out`, ""];
    if (rank === null) return [`${role}: not in the first ${data.depth}`, "up"];
    if (item.rank === null || rank === item.rank) return [`${role}: ${rank}`, ""];
    const by = rank - item.rank;
    return [`${role}: ${rank}, ${by > 0 ? "up" : "down"} ${Math.abs(by)} here`, by > 0 ? "up" : "down"];
  }

  function factWords([kind, name, count]) {
    const form = data.forms[kind][count === 1 ? 0 : 1];
    // Split, not replaced in turn: a name may hold the words "{count}".
    return form.split(/(\{name\}|\{count\})/).map((part) => part === "{name}" ? data.texts[name]
      : part === "{count}" ? count.toLocaleString("en") : part).join("");
  }

  function parts(item) {
    if (!data.sources.length) return null;
    const rows = data.sources.map((name, place) => [name, item.parts[place], COLOURS[name] || "var(--accent)"]);
    return frame.parts(rows, "base", item.parts[data.sources.length]);
  }

  function evidence(item, list) {
    const facts = make("ul", {}, ...item.facts.map((fact) => make("li", {}, make("bdi", {}, factWords(fact)), `: ${data.levels[fact[3]]}`)),
      ...item.statements.map((statement) => make("li", {}, make("bdi", {}, statement))));
    list.append(make("dt", {}, "Evidence"), make("dd", {}, facts));
  }

  function checks(item, list) {
    const rewards = item.rewards.map((value, place) => `${data.rewards[place]} ${signed(value)}`).join(", ");
    list.append(make("dt", {}, "Checks"), make("dd", {}, data.texts[item.checks]));
    if (isFaulty(item)) {
      list.append(make("dt", {}, "Fault"), make("dd", {}, make("bdi", {}, item.fault)),
        make("dt", {}, "Draft"), make("dd", {}, make("bdi", {}, item.draft)));
    }
    list.append(make("dt", {}, "Rewards"), make("dd", {}, rewards));
  }

  // The reviews behind a vector: the latest of them, and how many there are.
  function behind(told, list) {
    [["item", "The item's reviews"], ["user", "The user's reviews"]].forEach(([side, title]) => {
      const [numbers, all] = told[side];
      const lines = numbers.map((number) => make("li", {}, ...review(number, side)));
      if (all > numbers.length) lines.push(make("li", {}, `and ${all - numbers.length} earlier`));
      list.append(make("dt", {}, title), make("dd", {}, lines.length ? make("ul", {}, ...lines) : "none"));
    });
  }

  function why(item) {
    const list = make("dl", {});
    if (data.reasons) evidence(item, list); else behind(item.told, list);
    const split = parts(item);
    if (split) list.append(make("dt", {}, "Score"), make("dd", {}, split));
    if (item.moved !== undefined) list.append(make("dt", {}, "Ranked again"), make("dd", {}, item.moved));
    if (data.reasons) checks(item, list);
    list.append(make("dt", {}, "Item id"), make("dd", {}, make("bdi", {}, item.id)));
    return make("details", {}, make("summary", {}, data.reasons ? "Evidence, score and checks" : "Reviews and score"), list);
  }

  function card(item) {
    const tags = make("ul", { class: "tags" });
    const tag = (text, kind) => tags.append(make("li", { class: `tag ${kind}` }, text));
    if (item.taken) tag("the user has it", "");
    if (item.cold) tag("cold: nobody took it in training", "");
    data.others.forEach((_, place) => tag(...movement(item, place)));
    if (data.reasons && item.outcome !== "kept") tag(OUTCOMES[item.outcome] || item.outcome, item.outcome);
    const top = make("div", { class: "top" },
      make("span", { class: "rank" }, item.rank === null ? "" : `${item.rank}.`),
      make("h3", {}, named(item.title)),
      make("span", { class: "score" }, `score ${item.score.toFixed(2)}`));
    const reason = data.reasons ? make("p", { class: "reason" }, make("bdi", {}, item.reason)) : null;
    return make("li", { class: "item" }, top, ...(reason ? [reason] : []), tags, why(item));
  }

  function plainList(user, role, number) {
    const list = make("ol", { class: "plain" });
    user.others[number].forEach(([title, rank], place) => {
      const mark = rank === null ? "not in the list" : rank === place + 1 ? "same place" : `${rank} in the list`;
      const line = make("li", { class: rank === place + 1 ? "" : "moved" }, named(title), " ", make("span", { class: "mark" }, `(${mark})`));
      list.append(line);
    });
    return make("div", { role: "group", "aria-label": role }, make("h2", {}, role), list);
  }

  function show(user, items) {
    const own = make("div", { role: "group", "aria-label": data.model }, make("h2", {}, make("bdi", {}, data.model)),
      make("ol", { class: "items" }, ...items.map(card)));
    return [own, ...data.others.map((role, number) => plainList(user, role, number))];
  }

  frame.start({ filters, show });
})();
