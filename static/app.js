// The little that HTML cannot do by itself: focus after a failed form, one send per tap, a quick exit at once, and
// nothing left on a screen whose session is over.
"use strict";

addEventListener("DOMContentLoaded", () => document.querySelector("#errors")?.focus());

// A second tap while a form is on its way sends nothing. Coming back to the page makes it sendable again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Without a network nothing is lost: the form stays as it is. This listens on the window, so that it comes after all
// others: where the device is somebody's own, offline.js has kept what they wrote by now.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || navigator.onLine || !form.closest("main")) return;
  event.preventDefault();
  delete form.dataset.sent;
  const line = [...form.children].find((one) => one.contains(event.submitter)) ?? form.lastElementChild;
  sayAfter(line, (region) => sayStuck(form, region));
});

// Into a region after `line`, the one that is there or a new one: a screen reader hears what comes into one that was
// there for a moment.
function sayAfter(line, write) {
  const region = line.parentElement.querySelector(":scope > [data-stuck]") ?? element("div", "");
  region.dataset.stuck = "";
  region.setAttribute("role", "status");
  region.replaceChildren();
  line.after(region);
  setTimeout(() => write(region), 100);
}

// A part of a page that did not come, or a form in it that did not get through: htmx leaves all as it was, and it is
// said beside it. A form that comes back with what is wrong in it (422) is an answer like any other.
addEventListener("htmx:error", ({ detail: { ctx } }) => ctx && sayFailed(ctx.sourceElement, 0));
addEventListener("htmx:response:error", ({ detail: { ctx } }) => ctx.response.status !== 422 && sayFailed(ctx.sourceElement, ctx.response.status));

function sayFailed(source, status) {
  const written = [...(source.elements ?? [])].some((one) => one.type === "textarea" && one.value);
  const [why, then] = !status ? ["No connection", "Try again when there is a signal"]
    : status === 429 ? ["There were too many tries in a short time", "Wait a few minutes, then try again"]
    : status >= 500 ? ["That did not work. It is not something you did", "Wait a minute, then try again"]
    : ["That did not go through, and nothing was changed", `${written ? "Copy it, then load" : "Load"} the page again`];
  sayAfter(source.matches("form") ? source.lastElementChild : source, (region) => {
    region.className = "note honey";
    region.replaceChildren(element("p", `${why}. ${written ? "What you wrote is still here. " : ""}${then}.`));
    region.scrollIntoView({ block: "nearest" });
  });
}

function sayStuck(form, region) {
  const call = (text, className = "") => element("a", text, { href: "tel:988", className });
  const write = (className = "") => element("a", "Text 988", { href: "sms:988", className });
  const words = element("p", "No connection. Your answers are still here: press the button again when there is signal.");
  const said = [words];
  // The answer is one that the form itself answered with 988.
  const unsafe = [...form.querySelectorAll(".opens:checked")].some((one) => one.closest("fieldset").querySelector(".note.safe"));
  if (unsafe) {
    const row = element("p", "", { className: "row" });
    row.append(call("Call 988", "btn safe"), write("btn safe"));
    said.unshift(element("p", "You can talk to a person now. Calls and texts work without internet:", { className: "b" }), row);
    words.append(" Nobody on your team has this yet.");
  } else if (exit.dataset.exit) { // not on a page of the staff's
    words.append(" Calls and texts work without internet: ", call("988"), ", ", write(), ".");
  }
  region.className = `note stack ${unsafe ? "safe" : "honey"}`;
  region.replaceChildren(...said);
  region.scrollIntoView({ block: unsafe ? "center" : "nearest" });
}

// What was chosen last stands: a number that is tapped or chosen from a list, and an answer that goes with no other.
document.addEventListener("change", ({ target: { form, name, value, checked, type, dataset } }) => {
  if (!form || !name) return;
  const called = (wanted) => [...form.elements].filter((one) => one.name === wanted);
  if (name.endsWith("-tap")) called(name.slice(0, -4)).forEach((list) => (list.value = ""));
  else if (value) called(`${name}-tap`).forEach((tap) => (tap.checked = false));
  if (type !== "checkbox" || !checked) return;
  const alone = "alone" in dataset;
  for (const one of called(name)) if (one.value !== value && (alone || "alone" in one.dataset)) one.checked = false;
});

// A field that somebody made taller has a style of its own. htmx would give it to the new one in a way that the
// policy forbids, so it goes first.
addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  ctx.target?.querySelectorAll?.("[style]").forEach((one) => one.removeAttribute("style"));
});

// A password can be looked at while it is typed, and is hidden again before it is sent or the page is left.
for (const field of document.querySelectorAll("input[type=password]")) {
  const show = element("button", "Show", { type: "button", className: "btn alt sm" });
  show.append(element("span", ` ${field.labels[0]?.textContent ?? "password"}`, { className: "vh" }));
  const turn = (yes) => {
    field.type = yes ? "text" : "password";
    show.setAttribute("aria-pressed", yes);
  };
  turn(false);
  show.setAttribute("aria-controls", field.id);
  field.spellcheck = false; // what is shown is sent to no spelling service
  field.autocapitalize = "none";
  show.addEventListener("click", () => turn(field.type === "password"));
  field.form?.addEventListener("submit", () => turn(false));
  addEventListener("pagehide", () => turn(false));
  field.after(show);
}

// Recovery codes are shown once: they can be copied and printed.
const codes = document.querySelector("#codes");
if (codes) {
  const said = element("span", "");
  said.setAttribute("role", "status");
  const copy = element("button", "Copy", { type: "button", className: "btn alt" });
  const print = element("button", "Print", { type: "button", className: "btn alt" });
  copy.addEventListener("click", async () => {
    const all = [...codes.querySelectorAll(".num")].map((code) => code.textContent);
    said.textContent = await navigator.clipboard.writeText(all.join("\n")).then(() => "Copied", () => "That did not work: print them or write them down.");
  });
  print.addEventListener("click", () => window.print());
  const row = element("div", "", { className: "row noprint" });
  row.append(...(navigator.clipboard ? [copy] : []), print, said);
  codes.after(row);
}

for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

let left = false; // by quick exit: nothing shows this page again
const blank = (yes) => (document.documentElement.hidden = yes || left);

// Quick exit: blank first, then end the session while leaving. Escape three times does the same.
const exit = document.querySelector("form[data-exit]");
function leave() {
  left = true;
  blank(true);
  const leaving = new FormData(exit);
  leaving.delete("quick"); // a beacon follows where it is sent, and must not be sent to another site
  navigator.sendBeacon(exit.action, leaving);
  navigator.serviceWorker?.controller?.postMessage("wipe");
  location.replace(exit.dataset.exit);
}
if (exit?.dataset.exit) {
  exit.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  let presses = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    presses = [...presses.slice(-2), event.timeStamp];
    if (presses.length === 3 && presses[2] - presses[0] < 1500) leave();
  });
}

// Two minutes before a quiet browser is signed out the page says so, and then it goes, with what was typed kept.
// When that is only the server knows, since another tab may be in use: so the page asks before it says or does
// anything, and asking counts as no use. Time is the wall clock's, which goes on while a phone sleeps. Nothing is
// watched here, no pointer and no key: what counts as use is a page, a form sent, or the button.
const NOTICE = 120, ASK = NOTICE + 60, TICK = 5; // seconds; the server's own note of the last use is up to 60 old
const notice = document.querySelector("#idle");
let ends, due, busy = false, waiting = null, kept = "";

function until(seconds) {
  ends = Date.now() + 1000 * seconds;
  due = ends - 1000 * (seconds > ASK ? ASK : seconds > NOTICE ? NOTICE : 0);
}

// What stands in `form`, but for passwords and codes; without one, in the first form of the page that is not as it came.
function typed(form) {
  const secret = (field) => /password|one-time-code/.test(`${field.type} ${field.autocomplete}`); // also one that is shown
  const changed = (field) => {
    if (secret(field)) return false;
    if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
    if (field.type === "hidden" || !("defaultValue" in field)) return false; // a button, a fieldset
    return field.checked !== field.defaultChecked || field.value !== field.defaultValue;
  };
  const page = ["_page", location.pathname + location.search];
  form ??= [...document.querySelectorAll("main form[method=post]")].find((each) => [...each.elements].some(changed));
  if (!form) return [page];
  const secrets = [...form.elements].filter(secret).map((field) => field.name);
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !secrets.includes(name));
  return [...fields, page, ["_form", new URL(form.getAttribute("action"), location).pathname]]; // a button may be called "action"
}

function signed(fields) {
  const sent = new URLSearchParams(fields);
  sent.set("csrf_token", exit.elements.csrf_token.value);
  return sent;
}

async function post(address, fields, given = new AbortController()) {
  const sent = signed(fields);
  const late = setTimeout(() => given.abort(), 10000);
  try {
    const answer = await fetch(address, { method: "POST", body: sent, redirect: "manual", signal: given.signal });
    if (answer.status >= 500 || answer.status === 429) throw new Error("not now");
    return answer.ok ? await answer.json() : { left: 0, then: "/sign-in" }; // the session is over, or another's
  } finally {
    clearTimeout(late);
  }
}

async function ask() {
  if (busy) return;
  busy = true;
  const fields = waiting ?? typed();
  try {
    const { left: seconds, kept: safe, then } = await post("/account/drafts", fields);
    until(seconds);
    if (seconds <= 0) return location.replace(then);
    if (waiting) return location.reload();
    blank(false);
    say(seconds, safe ? " What you typed is kept." : fields.length > 1 ? " What you typed is not kept: send it first." : "");
  } catch {
    const seconds = (ends - Date.now()) / 1000;
    if (seconds > 0) say(seconds, "");
    else over(fields);
  } finally {
    busy = false;
  }
}

async function stay() {
  try {
    const { left: seconds } = await post("/account/stay", []);
    until(seconds);
    hush();
    say(seconds, " It has lasted as long as a sign-in can. Sign in again then.", false);
    if (seconds > NOTICE) document.querySelector("#main").focus({ preventScroll: true });
  } catch {
    // no network: the notice stays, and so does its button
  }
  look();
}

// A check-in tells how long each answer took.
let last = Date.now();
document.addEventListener("change", ({ target: { form, name } }) => {
  const times = form?.elements.item_seconds;
  if (!times || !name) return;
  const took = JSON.parse(times.value || "{}"), item = name.replace("-tap", ""); // what a draft brought back counts on
  took[item] = (took[item] ?? 0) + Math.round((Date.now() - last) / 1000);
  last = Date.now();
  times.value = JSON.stringify(took);
});

// What is written in a form is kept on the server while it is written, though not on a device that others use. Of each
// form: how often it was changed, up to where the server knows, and what keeps it soon.
const writing = new Map();
function keepSoon({ target: { form } }) {
  if (!form?.elements.made || "shared" in document.body.dataset) return;
  const state = writing.get(form) ?? { changes: 0, known: 0 };
  writing.set(form, state);
  state.changes += 1;
  clearTimeout(state.soon);
  state.soon = setTimeout(() => {
    const now = state.changes;
    state.way = new AbortController();
    post("/account/drafts", typed(form), state.way).then(() => (state.known = now), () => {}); // it is tried again at the next change
  }, 1500);
}
document.addEventListener("input", keepSoon);
document.addEventListener("change", keepSoon);
addEventListener("submit", ({ target }) => { // what is on its way must not arrive after what is sent
  clearTimeout(writing.get(target)?.soon);
  writing.get(target)?.way?.abort();
});

// Whoever leaves sooner loses nothing either. A form that was sent has no more to tell, and what somebody throws away
// is not kept again.
function keepAtOnce() {
  if (document.querySelector("form[data-sent][data-clears]")) return;
  for (const [form, state] of writing) {
    if (state.known === state.changes || left || !form.isConnected || form.dataset.sent) continue;
    clearTimeout(state.soon);
    if (navigator.sendBeacon("/account/drafts", signed(typed(form))) && navigator.onLine) state.known = state.changes;
  }
}
addEventListener("pagehide", keepAtOnce);
document.addEventListener("visibilitychange", () => document.hidden && keepAtOnce());

// Near the end of what fits, the page says how many characters are left. The server counts alike (portal/fields.py):
// code points, a line break once, and no space around the text.
const AROUND = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const SPACE_AROUND = new RegExp(`^${AROUND}|${AROUND}$`, "g");
const lengthOf = (text) => [...text.replace(/\r\n?/g, "\n").replace(SPACE_AROUND, "")].length;
const characters = (count) => `${count} ${count === 1 ? "character" : "characters"}`;

document.addEventListener("input", ({ target }) => {
  const most = Number(target.dataset.most);
  if (!most) return;
  let line = target.nextElementSibling;
  if (!line?.matches("[data-count]")) {
    line = element("p", "");
    line.dataset.count = "";
    line.setAttribute("role", "status");
    target.after(line);
  }
  clearTimeout(target.counting);
  target.counting = setTimeout(() => { // a screen reader hears it when the typing rests
    const left = most - lengthOf(target.value);
    line.className = left < 0 ? "small b berry" : "small soft";
    line.textContent = left < 0 ? `${characters(-left)} too long.` : left > Math.max(20, most / 10) ? "" : `${characters(left)} left.`;
  }, 400);
});

// What waits on a device without a signal is offline.js's. It comes only where somebody said that the device is their
// own, and where they can say so; the kept page brings it along.
const { offline } = document.body.dataset;
if (offline && !document.querySelector("#offline-away")) navigator.serviceWorker?.getRegistration().then((found) => {
  if (found || document.querySelector("[data-own]")) document.head.append(element("script", "", { src: offline }));
});

function element(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...more });
}

// How long is left, to the half minute: what a screen reader says of it changes no oftener.
function leftInWords(seconds) {
  const halves = Math.max(1, Math.round(seconds / 30));
  return ["half a minute", "1 minute", "1 and a half minutes", "2 minutes"][Math.min(halves, 4) - 1];
}

function say(seconds, more, longer = true) {
  if (seconds > NOTICE) return hush();
  if (notice.firstChild) return;
  kept = more;
  const button = element("button", "Stay signed in", { type: "button", className: "btn sm" });
  button.addEventListener("click", stay);
  notice.replaceChildren(element("p", ""), ...(longer ? [button] : []));
  count(seconds);
  bringOut();
}

function hush() {
  notice.replaceChildren();
  document.documentElement.style.scrollPaddingBlockStart = "";
}

// The words alone change, so that the focus stays on the button.
function count(seconds) {
  const words = `You will be signed out in about ${leftInWords(seconds)}.${kept}`;
  if (notice.firstChild.textContent !== words) notice.firstChild.textContent = words;
}

// The notice never lies on what has the focus, nor on a button that sends: the page scrolls them out from under it.
function bringOut() {
  const { top, bottom } = notice.getBoundingClientRect(), clear = Math.max(bottom, 0) + 12;
  document.documentElement.style.scrollPaddingBlockStart = `${clear}px`;
  const matter = [document.activeElement, ...document.querySelectorAll("main [type=submit]")];
  const boxes = matter.filter((one) => one?.closest("main") && one.id !== "main").map((one) => one.getBoundingClientRect());
  const under = boxes.filter((box) => box.height && box.bottom > top && box.top < clear);
  if (under.length) scrollBy({ top: Math.min(...under.map((box) => box.top)) - clear, behavior: "instant" });
}

// The time is up and there is no network. Nothing stays on the screen; what was typed waits in memory to be kept.
function over(fields) {
  waiting ??= fields;
  const help = element("a", "Call 988", { href: "tel:988", className: "btn safe" });
  const main = element("main", "", { className: "stack" });
  const words = "This page was not used for a while. When you are online again, you can sign in"
    + (fields.length > 1 ? ", and what you typed is kept." : ".");
  main.append(element("h1", "You were signed out"), element("p", words), element("p", "Need help now?"), help);
  document.body.replaceChildren(main);
  blank(false);
}

function look() {
  if (left) return;
  if (Date.now() >= ends && !waiting) blank(true);
  else if (notice.firstChild) count((ends - Date.now()) / 1000);
  if (Date.now() >= due) ask();
}

if (notice) {
  until(Number(document.body.dataset.idle));
  setInterval(look, 1000 * TICK);
  document.addEventListener("visibilitychange", look);
  // A page that Back brings to life again is blank until the server says that its session still lives.
  addEventListener("pagehide", () => blank(true));
  addEventListener("pageshow", (event) => {
    if (left) return leave(); // nobody may have heard of it the first time
    if (event.persisted) ends = due = Date.now();
    look();
  });
}
