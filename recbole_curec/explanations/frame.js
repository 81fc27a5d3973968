"use strict";
// What the pages of explanations share: elements, the choice of a user, metrics of models, light and dark.
const frame = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const get = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";

  // Ids, titles and reasons only ever become text nodes.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }
  function draw(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  const named = (number) => make("bdi", {}, data.texts[number]);
  const signed = (value, digits = 2) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits);

  // A bar to the right or the left of the middle, as long as its share of the longest.
  function bar(value, most, fill) {
    const width = 50 * Math.abs(value) / Math.max(most, 1e-9);
    return draw("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { x: value < 0 ? 50 - width : 50, y: 0, width, height: 8, fill }),
      draw("rect", { x: 49.8, y: 0, width: 0.4, height: 8, fill: "var(--soft)" }));
  }

  // Parts of a number, [name, value, colour] each, and what they start from.
  function parts(rows, base, value) {
    const most = Math.max(...rows.map((row) => Math.abs(row[1])));
    const grid = make("div", { class: "parts" });
    rows.forEach(([name, part, fill]) => grid.append(make("span", {}, name), make("span", {}, signed(part)), bar(part, most, fill)));
    grid.append(make("span", {}, base), make("span", {}, value.toFixed(2)), make("span", {}));
    return grid;
  }

  // What a past review says: "of" is its title, "by" its user, where they are not known from where it stands.
  function review(number, about) {
    const [user, title, rating, date, praise, blame, beginning] = data.reviews[number];
    const day = date ? [", ", make("time", { datetime: date }, date)] : [];
    const head = make("span", { class: "whose" }, ...(about === "user" ? ["of ", named(title)] : ["by ", make("bdi", {}, data.texts[user])]),
      `, rated ${rating}`, ...day, ": ");
    const quote = (sign, kind, label) => (text) => make("li", { class: `quote ${kind}` },
      make("span", { role: "img", "aria-label": label }, sign), " ", make("bdi", {}, `“${text}”`));
    const said = [...praise.map(quote("+", "good", "praised")), ...blame.map(quote("−", "bad", "blamed"))];
    if (!said.length) said.push(make("li", { class: "quote" }, beginning ? make("bdi", {}, `“${beginning}”`) : "no text"));
    return [head, make("ul", { class: "quotes" }, ...said.flatMap((one) => [one, " "]))];
  }

  let shown = 0;
  let chosen = data.users.map((_, number) => number);
  let page = { filters: [], show: () => [] };
  const active = () => page.filters.filter(([id]) => get(id).checked).map(([, test]) => test);

  function choose() {
    const tests = active();
    const all = data.users.map((_, number) => number);
    chosen = all.filter((number) => tests.length === 0 || data.users[number].items.some((item) => tests.every((test) => test(item))));
    if (chosen.length && !chosen.includes(shown)) shown = chosen[0];
    render();
  }

  function find(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return;
    const exact = chosen.find((number) => data.users[number].id.toLowerCase() === wanted);
    const has = (number) => data.users[number].id.toLowerCase().includes(wanted)
      || data.users[number].history.some((title) => data.texts[title].toLowerCase().includes(wanted));
    const found = exact !== undefined ? exact : chosen.find(has);
    if (found === undefined) { get("status").textContent = "No user matches"; return; }
    shown = found;
    render();
  }

  function step(by) {
    if (!chosen.length) return;
    const place = chosen.indexOf(shown);
    shown = chosen[(place + by + chosen.length) % chosen.length];
    render();
  }

  function render() {
    const status = get("status"), lists = get("lists");
    if (!chosen.length) {
      status.textContent = "No user has such items";
      lists.replaceChildren();
      get("history").replaceChildren();
      get("history-note").textContent = "";
      return;
    }
    const user = data.users[shown];
    const tests = active();
    status.textContent = `${chosen.indexOf(shown) + 1} of ${chosen.length}`;
    get("search").value = user.id;
    const latest = user.history.map((title, place) => [title, place]).reverse();
    get("history").replaceChildren(...latest.map(([title, place]) =>
      make("li", {}, named(title), user.given ? `, rated ${user.given[place]}` : null)));
    const what = user.given ? "rated" : "taken";
    get("history-note").textContent = user.taken > latest.length
      ? `the latest ${latest.length} of ${user.taken}, latest first` : `${user.taken} ${what}, latest first`;
    const items = user.items.filter((item) => tests.every((test) => test(item)));
    lists.replaceChildren(...page.show(user, items));
  }

  function metrics() {
    const models = data.models;
    if (!models.length || !Object.keys(models[0].test).length) return;
    get("metrics").hidden = false;
    const names = Object.keys(models[0].test);
    for (const [id, start] of [["across", 0], ["up", Math.min(1, names.length - 1)]]) {
      get(id).replaceChildren(...names.map((name) => make("option", { value: name }, name)));
      get(id).selectedIndex = start;
      get(id).addEventListener("change", scatter);
    }
    const head = make("tr", {}, make("th", { scope: "col" }, "model"), ...names.map((name) => make("th", { scope: "col" }, name)));
    const rows = models.map((model) => make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, model.name)),
      ...names.map((name) => make("td", {}, name in model.test ? model.test[name].toFixed(4) : ""))));
    get("metric-table").replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
    scatter();
  }

  function scatter() {
    const [across, up] = ["across", "up"].map((id) => get(id).value);
    const models = data.models.filter((model) => across in model.test && up in model.test);
    const scale = (name, low, high) => {
      const values = models.map((model) => model.test[name]);
      const least = Math.min(...values), most = Math.max(...values);
      const room = (most - least) * 0.25 || Math.abs(most) * 0.1 || 1;
      return (value) => low + (high - low) * (value - least + room) / (most - least + 2 * room);
    };
    const x = scale(across, 50, 400), y = scale(up, 220, 20);
    const words = `Test metrics: ${models.map((m) => `${m.name} ${across} ${m.test[across]}, ${up} ${m.test[up]}`).join("; ")}`;
    const picture = draw("svg", { viewBox: "0 0 430 260", role: "img", "aria-label": words },
      draw("line", { x1: 45, y1: 225, x2: 410, y2: 225 }), draw("line", { x1: 45, y1: 15, x2: 45, y2: 225 }),
      draw("text", { x: 410, y: 250, "text-anchor": "end" }, across), draw("text", { x: 45, y: 12 }, up));
    for (const model of models) {
      const px = x(model.test[across]), py = y(model.test[up]), late = px > 250;
      picture.append(draw("circle", { cx: px, cy: py, r: model.explained ? 7 : 5, fill: model.explained ? "var(--accent)" : "var(--soft)" }),
        draw("text", { x: late ? px - 11 : px + 11, y: py + 4, "text-anchor": late ? "end" : "start" }, model.name));
    }
    get("scatter").replaceChildren(picture);
  }

  function theme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    get("theme").setAttribute("aria-pressed", String(dark));
  }

  // A page gives its filters, [id, test of an item] each, and what it shows of a user and of the items that pass them.
  function start(own) {
    page = { ...own, filters: own.filters.filter(([id]) => get(id)) };
    get("ids").replaceChildren(...data.users.map((user) => make("option", { value: user.id })));
    get("search").addEventListener("change", (event) => find(event.target.value));
    get("previous").addEventListener("click", () => step(-1));
    get("next").addEventListener("click", () => step(1));
    get("random").addEventListener("click", () => {
      if (chosen.length) { shown = chosen[Math.floor(Math.random() * chosen.length)]; render(); }
    });
    get("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme !== "dark"));
    page.filters.forEach(([id]) => get(id).addEventListener("change", choose));
    window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    theme(window.matchMedia("(prefers-color-scheme: dark)").matches);
    metrics();
    if (data.users.length) choose(); else get("status").textContent = "No users";
  }

  return { data, make, named, signed, bar, parts, review, start };
})();
