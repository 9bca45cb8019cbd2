// What the page holds, and how it speaks: texts in the language of the reader, dates on the clocks of the project.
const DATA = JSON.parse(document.getElementById("data").textContent);
const DAY = 1440; // minutes
const HEAVIEST = ["late", "wrong", "open", "ahead", "done", "quiet"];
const LANES = [
  ["messages", ["message", "notice", "survey"]],
  ["contacts", ["call", "visit"]],
  ["work", ["task", "letter", "gate", "deadline"]],
];

const view = {
  lang: document.documentElement.lang === "en" ? 1 : 0,
  groups: new Set(),
  kinds: new Set(),
  post: "",
  open: new Set(),
  list: false,
};

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const say = (name, values = {}) => fill(DATA.labels.page[name][view.lang], values);
const text = (number) => DATA.texts[number][view.lang];
const label = (table, code) => (DATA.labels[table][code] || [code, code])[view.lang];
const byId = (id) => document.getElementById(id);
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
const colon = () => (view.lang ? ": " : ":");

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "style") made.style.cssText = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

const pad = (number) => String(number).padStart(2, "0");

function day(minute) {
  const d = new Date(minute * 60000);
  return `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`;
}

function moment(minute) {
  const d = new Date(minute * 60000);
  const zh = `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日`;
  const clock = `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}`;
  const weekday = (names) => names[d.getUTCDay()];
  if (!view.lang) return `${zh} 周${weekday("日一二三四五六")} ${clock}`;
  return `${weekday(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"])} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}, ${clock}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const titleOf = (entry) => capital(text(entry.n)) + (entry.m === undefined ? "" : ` · ${text(entry.m)}`);

function fits(entry) {
  if (view.groups.size && !view.groups.has(entry.g)) return false;
  if (view.kinds.size && !view.kinds.has(entry.kd)) return false;
  return !view.post || view.post === entry.r;
}

// One sentence for those who hear the page: what, how it stands, when, why.
function sentence(entry) {
  const why = (entry.w || []).map(text).join(view.lang ? "; " : ";");
  return [titleOf(entry), text(entry.x), day(entry.t), why].filter(Boolean).join(view.lang ? ", " : ",");
}
