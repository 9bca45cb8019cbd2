// Everything as a table: for those who cannot or will not read a chart, and for paper.
function drawList() {
  const box = byId("list");
  const toggle = el("button", { type: "button", class: "plain", "aria-expanded": String(view.list), onclick: () => { view.list = !view.list; drawList(); byId("list").querySelector("button").focus(); } }, `${view.list ? "▾" : "▸"} ${say("list")}`);
  box.replaceChildren(toggle, ...(view.list ? DATA.lives.map(table) : []));
}

function table(one) {
  const shown = one.e.filter(fits);
  if (!shown.length) return el("div", {}, el("h2", {}, one.u), el("p", {}, say("nothing")));
  const heads = ["when", "item", "kind", "post", "outcome", "why"].map((name) => el("th", { scope: "col" }, say(name)));
  const body = shown.map((entry) =>
    el("tr", { class: entry.t > DATA.now ? "ahead" : "" },
      el("td", {}, el("time", {}, day(entry.t))),
      el("th", { scope: "row" }, titleOf(entry)),
      el("td", {}, entry.kd ? label("kinds", entry.kd) : ""),
      el("td", {}, entry.r ? label("roles", entry.r) : ""),
      el("td", {}, el("span", { class: `dot g-${entry.g}` }), capital(text(entry.x))),
      el("td", {}, (entry.w || []).map(text).map(capital).join(view.lang ? "; " : ";"))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": one.u }, el("h2", {}, one.u), el("table", {}, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, body)));
}

function drawRefused() {
  const lines = DATA.refused.map((event) => el("li", {}, `${event.i} · ${text(event.n)} · ${text(event.w)}`));
  byId("refused").replaceChildren(...(lines.length ? [el("h2", {}, say("refused")), el("ul", {}, lines)] : []));
}
