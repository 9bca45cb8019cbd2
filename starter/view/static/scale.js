// The time axis: from minutes to pixels, and the ticks that a span deserves.
const scale = { from: 0, until: 1, px: 1, span: "all" };
const SPANS = { year: 365, quarter: 92, month: 31 };
const LEAST = 0.05;
const MOST = 60;

const x = (minute) => ((minute - scale.from) / DAY) * scale.px;
const days = () => (scale.until - scale.from) / DAY;

function setRange() {
  const all = DATA.lives.flatMap((life) => [
    ...life.b.map((band) => band[1]),
    ...life.e.map((entry) => entry.t),
    ...life.f.map((fact) => fact.t),
  ]);
  const from = all.reduce((a, b) => Math.min(a, b), DATA.now);
  const until = all.reduce((a, b) => Math.max(a, b), DATA.now);
  const margin = Math.max((until - from) * 0.02, 7 * DAY);
  scale.from = from - margin;
  scale.until = until + margin * 1.5;
}

function setSpan(span, width) {
  scale.span = span;
  const shown = SPANS[span] ? Math.min(SPANS[span], days()) : days();
  scale.px = Math.min(MOST, Math.max(LEAST, width / shown));
}

function zoomBy(factor, width) {
  scale.span = "";
  scale.px = Math.min(MOST, Math.max(width / days(), scale.px * factor));
}

const utc = (year, month, date = 1) => Date.UTC(year, month, date) / 60000;

// Two rows of ticks: [position, words, whether it is the strong one].
function ticks() {
  const found = [];
  const first = new Date(scale.from * 60000).getUTCFullYear();
  const last = new Date(scale.until * 60000).getUTCFullYear();
  for (let year = first; year <= last; year += 1) {
    found.push([utc(year, 0), `${year}`, "year"]);
    if (scale.px > 0.35) for (let month = 0; month < 12; month += monthStep()) found.push(monthTick(year, month));
    if (scale.px > 9) found.push(...dayTicks(year));
  }
  return found.filter(([minute]) => minute >= scale.from && minute <= scale.until);
}

const monthStep = () => (scale.px > 1.1 ? 1 : 3);

function monthTick(year, month) {
  const named = scale.px > 2.4; // a year's own tick may be out of sight
  const zh = `${named ? `${year}年` : ""}${month + 1}月`;
  return [utc(year, month), view.lang ? MONTHS[month] + (named ? ` ${year}` : "") : zh, "month"];
}

function dayTicks(year) {
  const found = [];
  const step = scale.px > 20 ? 1 : 5;
  for (let month = 0; month < 12; month += 1) {
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    for (let date = 1 + step; date <= length; date += step) {
      if (length - date >= step - 1 || step === 1) found.push([utc(year, month, date), `${date}`, "day"]);
    }
  }
  return found;
}
