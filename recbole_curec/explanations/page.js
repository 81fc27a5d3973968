"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const get = (id) => document.getElementById(id);
  const COLOURS = { ids: "var(--ids)", text: "var(--text)", reasons: "var(--told)" };
  const OUTCOMES = { kept: "draft kept", repaired: "revised by the model", replaced: "teacher's sentence", left: "low reward" };
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
  const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);

  let shown = 0;
  let chosen = data.users.map((_, number) => number);

  const isFaulty = (item) => item.fault !== undefined;
  const isReplaced = (item) => item.outcome === "replaced";
  const filters = [["faulty", isFaulty], ["replaced", isReplaced], ["cold", (item) => item.cold]];
  const active = () => filters.filter(([id]) => get(id).checked).map(([, test]) => test);

  function choose() {
    const tests = active();
    const all = data.users.map((_, number) => number);
    chosen = all.filter((number) => tests.every((test) => data.users[number].items.some(test)));
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
    const base = item.parts[data.sources.length];
    const most = Math.max(...item.parts.slice(0, -1).map(Math.abs), 1e-9);
    const grid = make("div", { class: "parts" });
    data.sources.forEach((name, place) => {
      const value = item.parts[place];
      const width = 50 * Math.abs(value) / most;
      const bar = draw("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
        draw("rect", { x: value < 0 ? 50 - width : 50, y: 0, width, height: 8, fill: COLOURS[name] || "var(--accent)" }),
        draw("rect", { x: 49.8, y: 0, width: 0.4, height: 8, fill: "var(--soft)" }));
      grid.append(make("span", {}, name), make("span", {}, signed(value)), bar);
    });
    grid.append(make("span", {}, "base"), make("span", {}, base.toFixed(2)), make("span", {}));
    return grid;
  }

  function why(item) {
    const facts = make("ul", {}, ...item.facts.map((fact) => make("li", {}, make("bdi", {}, factWords(fact)), `: ${data.levels[fact[3]]}`)),
      ...item.statements.map((statement) => make("li", {}, make("bdi", {}, statement))));
    const rewards = item.rewards.map((value, place) => `${data.rewards[place]} ${signed(value)}`).join(", ");
    const list = make("dl", {}, make("dt", {}, "Evidence"), make("dd", {}, facts));
    const split = parts(item);
    if (split) list.append(make("dt", {}, "Score"), make("dd", {}, split));
    if (item.moved !== undefined) list.append(make("dt", {}, "Ranked again"), make("dd", {}, item.moved));
    list.append(make("dt", {}, "Checks"), make("dd", {}, data.texts[item.checks]));
    if (isFaulty(item)) {
      list.append(make("dt", {}, "Fault"), make("dd", {}, make("bdi", {}, item.fault)),
        make("dt", {}, "Draft"), make("dd", {}, make("bdi", {}, item.draft)));
    }
    list.append(make("dt", {}, "Rewards"), make("dd", {}, rewards), make("dt", {}, "Item id"), make("dd", {}, make("bdi", {}, item.id)));
    return make("details", {}, make("summary", {}, "Evidence, score and checks"), list);
  }

  function card(item) {
    const tags = make("ul", { class: "tags" });
    const tag = (text, kind) => tags.append(make("li", { class: `tag ${kind}` }, text));
    if (item.taken) tag("the user has it", "");
    if (item.cold) tag("cold: nobody took it in training", "");
    data.others.forEach((_, place) => tag(...movement(item, place)));
    if (item.outcome !== "kept") tag(OUTCOMES[item.outcome] || item.outcome, item.outcome);
    const top = make("div", { class: "top" },
      make("span", { class: "rank" }, item.rank === null ? "" : `${item.rank}.`),
      make("h3", {}, named(item.title)),
      make("span", { class: "score" }, `score ${item.score.toFixed(2)}`));
    return make("li", { class: "item" }, top, make("p", { class: "reason" }, make("bdi", {}, item.reason)), tags, why(item));
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
    const recent = user.history.slice().reverse();
    get("history").replaceChildren(...recent.map((title) => make("li", {}, named(title))));
    get("history-note").textContent = user.taken > recent.length
      ? `the latest ${recent.length} of ${user.taken}, latest first` : `${user.taken} taken, latest first`;
    const items = user.items.filter((item) => tests.every((test) => test(item)));
    const own = make("div", { role: "group", "aria-label": data.model }, make("h2", {}, make("bdi", {}, data.model)),
      make("ol", { class: "items" }, ...items.map(card)));
    lists.replaceChildren(own, ...data.others.map((role, number) => plainList(user, role, number)));
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

  get("ids").replaceChildren(...data.users.map((user) => make("option", { value: user.id })));
  get("search").addEventListener("change", (event) => find(event.target.value));
  get("previous").addEventListener("click", () => step(-1));
  get("next").addEventListener("click", () => step(1));
  get("random").addEventListener("click", () => {
    if (chosen.length) { shown = chosen[Math.floor(Math.random() * chosen.length)]; render(); }
  });
  get("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme !== "dark"));
  filters.forEach(([id]) => get(id).addEventListener("change", choose));
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  theme(window.matchMedia("(prefers-color-scheme: dark)").matches);
  metrics();
  if (data.users.length) choose(); else get("status").textContent = "No users";
})();
