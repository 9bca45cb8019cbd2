// The card with the reasons: a glance on hover and focus, pinned by click, tap or Enter; Escape closes it.
const card = {
  box: byId("card"),
  anchor: null,
  pinned: false,
  timer: 0,
  left: null, // where Escape went back to: it stays quiet until it is left

  glance(anchor, show) {
    if (this.pinned || anchor === this.left) return;
    clearTimeout(this.timer);
    this.open(anchor, show());
  },
  leave() {
    this.left = null;
    if (this.pinned) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pinned || this.close(), 120);
  },
  pin(anchor, show) {
    clearTimeout(this.timer);
    this.open(anchor, show());
    this.pinned = true;
    this.box.classList.add("pinned");
    this.box.prepend(el("button", { type: "button", class: "close", "aria-label": say("close"), onclick: () => this.close(true) }, "×"));
    this.box.focus();
  },
  open(anchor, content) {
    this.anchor = anchor;
    this.box.replaceChildren(content);
    this.box.classList.remove("pinned");
    this.box.setAttribute("aria-label", content.querySelector("h3")?.textContent || "");
    this.box.hidden = false;
    this.place();
  },
  place() {
    const mark = this.anchor.getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: high } = this.box;
    const left = Math.max(8, Math.min(mark.left - 16, innerWidth - wide - 8));
    const below = mark.bottom + 8;
    const top = below + high < innerHeight - 8 ? below : Math.max(8, mark.top - high - 8);
    this.box.style.left = `${left}px`;
    this.box.style.top = `${top}px`;
  },
  close(back = false) {
    const anchor = this.anchor;
    this.box.hidden = true;
    this.pinned = false;
    this.left = back ? anchor : null;
    if (back && anchor?.isConnected) anchor.focus({ preventScroll: true });
  },
};
card.box.addEventListener("pointerenter", () => clearTimeout(card.timer));
card.box.addEventListener("pointerleave", () => card.leave());
document.addEventListener("keydown", (event) => event.key === "Escape" && !card.box.hidden && card.close(true));
document.addEventListener("pointerdown", (event) => {
  if (card.pinned && !card.box.contains(event.target) && !event.target.closest?.(".mark")) card.close();
});

function rows(pairs) {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return el("dl", {}, shown.map(([name, value]) => [el("dt", {}, say(name)), el("dd", {}, value)]));
}

function entryCard(entry) {
  const late = entry.a !== undefined && entry.g === "done" ? Math.floor(entry.a / DAY) - Math.floor(entry.d / DAY) : 0;
  const happened = entry.a === undefined ? null : moment(entry.a) + (late > 0 ? ` · ${say("days-late", { days: late })}` : "");
  const steps = (entry.y || []).map(([at, step, to]) => `${moment(at)} ${text(step)}${to ? ` → ${label("roles", to)}` : ""}`);
  return el("div", {},
    el("p", { class: `tag g-${entry.g}` }, capital(text(entry.x))),
    el("h3", {}, titleOf(entry)),
    entry.w ? el("ul", { class: "why" }, entry.w.map((why) => el("li", {}, capital(text(why))))) : null,
    rows([
      ["happened", happened], ["due", moment(entry.d)], ["planned-for", entry.p && moment(entry.p)], ["legal", entry.l && moment(entry.l)],
      ["kind", entry.kd && label("kinds", entry.kd)], ["post", entry.r && label("roles", entry.r)], ["person", entry.who],
      ["class", entry.c && label("classes", entry.c)], ["channel", entry.ch && label("channels", entry.ch)], ["asks", entry.q],
    ]),
    steps.length ? el("p", { class: "steps" }, say("ladder"), el("ol", {}, steps.map((step) => el("li", {}, step)))) : null,
  );
}

function entriesCard(entries) {
  const items = entries.map((entry) =>
    el("li", {}, el("button", { type: "button", onclick: () => inside(entryCard(entry), () => entriesCard(entries)) },
      el("span", { class: `dot g-${entry.g}` }), el("span", {}, titleOf(entry)), el("time", {}, day(entry.t)))));
  return el("div", {}, el("h3", {}, say("items-here", { count: entries.length })), el("ul", { class: "many" }, items));
}

function inside(content, back) {
  const anchor = card.anchor;
  card.pin(anchor, () => el("div", {}, el("button", { type: "button", class: "back", onclick: () => card.pin(anchor, back) }, `‹ ${say("back")}`), content));
}

function factCard(fact) {
  return el("div", {},
    el("p", { class: "tag" }, label("verdicts", fact.v)),
    el("h3", {}, text(fact.n)),
    fact.w ? el("ul", { class: "why" }, fact.w.map((why) => el("li", {}, capital(text(why))))) : null,
    rows([["when", day(fact.t)], ["told", moment(fact.a)], ["by", fact.by]]),
  );
}

function factsCard(facts) {
  const items = facts.map((fact) => el("li", {}, el("span", { class: "dot" }), el("span", {}, text(fact.n)), el("time", {}, day(fact.t))));
  return el("div", {}, el("h3", {}, say("items-here", { count: facts.length })), el("ul", { class: "many" }, items));
}

function coverCard(cover) {
  return el("div", {},
    el("h3", {}, say("covers")),
    el("p", {}, cover.names.map(text).join(view.lang ? ", " : "、")),
    rows([["owner-ends", day(cover.t)], ["contractor-ends", cover.c && day(cover.c)], ["why", cover.gap > 0 ? say("gap", { days: cover.gap }) : null]]),
  );
}

function bandCard(band) {
  const until = band[2] === null ? "…" : day(band[2]);
  return el("div", {}, el("h3", {}, label("stages", band[0])), el("p", {}, `${day(band[1])} – ${until}`));
}
