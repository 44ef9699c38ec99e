// A check-in written without a signal waits on the participant's own device, sealed, and is sent once. Nothing is kept
// and nothing is different until they said that the device is their own; then the worker (sw.js) is there, too.
"use strict";

{ // names of its own; what app.js calls exit and element is from there
  const WAITS = 7 * 86400000, PATIENCE = 20000, AGAIN = 30000; // milliseconds
  const OFF = "Still no connection. Nothing is lost.";
  const shell = document.querySelector("#offline-away"); // on the page that the worker keeps
  const me = "shared" in document.body.dataset ? "" : exit.elements.whose?.value ?? "";
  const away = !me && !("shared" in document.body.dataset); // nobody is signed in here
  const able = window.isSecureContext && navigator.serviceWorker && navigator.locks && window.caches && window.indexedDB;
  const region = element("div", "", { className: "idle waits" });
  region.setAttribute("role", "status");
  let who = null; // the record of whose device it is
  let shown = ""; // the id of what was just kept on this page
  let gone = [], did = "", see = []; // what was too old to be sent, what was done since, and where to see it
  let waits = 0, signedOut = false, mayReload = false;

  // One database: whose device it is, each with a key that no script can read; and what waits, sealed under it.
  const open = () => new Promise((yes, no) => {
    const asked = indexedDB.open("offline", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("owners", { keyPath: "owner" });
      asked.result.createObjectStore("waiting", { keyPath: "id" });
    };
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });

  async function within(mode, work) {
    const database = await open();
    try {
      const deal = database.transaction(["owners", "waiting"], mode, { durability: "strict" });
      const done = new Promise((yes, no) => {
        deal.oncomplete = yes;
        deal.onabort = () => no(deal.error);
      });
      const asked = work(deal.objectStore("owners"), deal.objectStore("waiting"));
      await done;
      return asked?.result;
    } finally {
      database.close();
    }
  }

  const bytes = (text) => new TextEncoder().encode(text);
  const lock = (one) => ({ name: "AES-GCM", iv: one.iv, additionalData: bytes(`${one.owner} ${one.id}`) });
  const remove = (...ids) => within("readwrite", (_, waiting) => ids.forEach((id) => waiting.delete(id)));

  // The record of who uses this device; null where nobody said that it is theirs, or somebody else is signed in.
  async function owner() {
    if (!able || !(await navigator.serviceWorker.getRegistration())) return null;
    const owners = await within("readonly", (all) => all.getAll());
    if (shell || away) return owners.find((one) => one.here) ?? null;
    const moved = owners.filter((one) => one.here !== (one.owner === me));
    if (moved.length) await within("readwrite", (all) => moved.forEach((one) => all.put({ ...one, here: one.owner === me })));
    return owners.find((one) => one.owner === me) ?? null;
  }

  // What waits of theirs, the oldest first.
  async function mine() {
    const all = who ? await within("readonly", (_, waiting) => waiting.getAll()) : [];
    return all.filter((one) => one.sealed && one.owner === who.owner).sort((a, b) => a.expires - b.expires);
  }

  // What a form holds is sealed and put aside, with the time; false where nobody said that the device is theirs.
  async function keep(form) {
    const now = new Date(), before = new Date(now);
    before.setDate(now.getDate() - 1);
    who = await owner();
    if (!who) return false;
    const days = { "": null, yesterday: `${before.getFullYear()}-${two(before.getMonth() + 1)}-${two(before.getDate())}` };
    const fields = [...new FormData(form)]
      .filter(([name]) => !["csrf_token", "whose", "written_at", "key"].includes(name))
      .map(([name, value]) => [name, name === "for_day" && value in days ? days[value] : value])
      .filter(([, value]) => value !== null);
    const random = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    const id = form.elements.key?.value || random.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
    fields.push(["key", id], ["written_at", now.toISOString()]);
    const one = { id, owner: who.owner, iv: crypto.getRandomValues(new Uint8Array(12)), expires: now.getTime() + WAITS };
    one.sealed = await crypto.subtle.encrypt(lock(one), who.key, bytes(JSON.stringify(fields)));
    await within("readwrite", (_, waiting) => waiting.put(one));
    shown = id;
    return true;
  }

  const two = (number) => String(number).padStart(2, "0");
  const unsealed = async (one) => JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(lock(one), who.key, one.sealed)));

  const patient = () => {
    const given = new AbortController();
    setTimeout(() => given.abort(), PATIENCE);
    return given.signal;
  };

  // A form as the server takes it; what it answers, or an error without an answer or with one that is no answer.
  async function post(fields) {
    const answer = await fetch("/check-ins/", { method: "POST", body: new URLSearchParams(fields), signal: patient() });
    if (answer.status >= 500) throw new Error("not now");
    const path = new URL(answer.url).pathname;
    return { status: answer.status, saved: /^\/check-ins\/[^/]+\/saved$/.test(path) && path, out: path === "/sign-in" };
  }

  // A token of the session that lives now; null where it is over, or another's.
  async function token() {
    const answer = await fetch("/offline/token", { redirect: "manual", cache: "no-store", signal: patient() });
    if (answer.type === "opaqueredirect") signedOut = true;
    if (!answer.ok) return null;
    signedOut = false;
    const { whose, token } = await answer.json();
    return whose === who.owner ? token : null;
  }

  const signed = async (one, given) => [...(await unsealed(one)), ["csrf_token", given], ["whose", who.owner]];

  // Send what waits, in one tab at a time; the address of the last that is saved. The key of each makes it once.
  const send = () => navigator.locks.request("offline", async () => {
    let saved = "";
    const given = (await mine()).some((one) => !one.refused) && (await token());
    if (!given) return saved;
    for (const one of await mine()) {
      if (one.refused) continue;
      const answer = await post(await signed(one, given));
      signedOut = answer.out;
      if (answer.status === 422) await within("readwrite", (_, waiting) => waiting.put({ ...one, refused: true }));
      if (!answer.saved) continue;
      await remove(one.id);
      saved = answer.saved;
    }
    return saved;
  });

  // What waited too long is taken away, whoever wrote it; that it was there stays, until its writer was told.
  async function tidy() {
    const all = await within("readwrite", (_, waiting) => {
      const asked = waiting.getAll();
      asked.onsuccess = () => asked.result.filter(isLate).forEach(({ id, owner, expires }) => waiting.put({ id, owner, expires }));
      return asked;
    });
    gone = all.filter((one) => isLate(one) && one.owner === who.owner);
  }

  const isLate = (one) => one.expires <= Date.now();
  const day = (one) => {
    const at = new Date(one.expires - WAITS), year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
    return at.toLocaleDateString("en-US", { month: "short", day: "numeric", year });
  };

  const button = (text, act, more = {}) => {
    const made = element("button", text, { type: "button", className: "btn sm", ...more });
    made.addEventListener("click", act);
    return made;
  };
  const link = (text, href) => element("a", text, { href, className: "b" });
  const say = (words, ...rest) => {
    if (words !== (region.firstChild?.textContent ?? "")) region.replaceChildren(...(words ? [element("p", words), ...rest] : []));
  };
  const number = (all) => all.length === 1 ? "1 check-in" : `${all.length} check-ins`;

  // What waits, and what can be done about it, after the news and what is so `now`.
  async function tell(now = "") {
    const all = await mine(), refused = all.some((one) => one.refused);
    waits = all.length;
    const told = [...gone.map((one) => `A check-in of ${day(one)} could not be sent in time and was removed.`), did];
    const ok = gone.length ? [button("OK", () => remove(...gone.map((one) => one.id)).then(() => go()))] : [];
    if (!all.length) return say(told.filter(Boolean).join(" "), ...see, ...ok);
    const it = all.length === 1 ? "it" : "them";
    const words = refused ? "1 check-in needs a second look before it can be sent."
      : `${number(all)} ${all.length === 1 ? "waits" : "wait"} to be sent.${signedOut ? ` Sign in to send ${it}.` : ""}`;
    say([...told, words, now].filter(Boolean).join(" "), ...see, ...ok,
      refused ? button("Open it", openIt) : signedOut ? link("Sign in", "/sign-in?next=/check-ins/") : button("Send now", () => go(true)),
      button(`Delete ${it}`, () => ask(`${number(all)} not sent yet. Delete ${it}?`, `Yes, delete ${it}`, "Keep", async () => {
        await remove(...(await mine()).map((one) => one.id));
        [shown, did, see] = ["", "Deleted.", []];
        await tell();
      }), { className: "btn alt sm" }));
  }

  function ask(words, yes, no, act) {
    const stay = button(no, () => tell(), { className: "btn alt sm" });
    say(words, button(yes, act), stay);
    stay.focus();
  }

  // The one that was refused, as a form of the page: the server's answer shows the mistake and all that was written.
  async function openIt() {
    const given = await token().catch(() => null), one = (await mine()).find((each) => each.refused);
    if (!given || !one) return tell(signedOut ? "" : OFF);
    const form = element("form", "", { method: "post", action: "/check-ins/", hidden: true });
    form.append(...(await signed(one, given)).map(([name, value]) => element("input", "", { type: "hidden", name, value })));
    document.body.append(form);
    form.submit();
  }

  // The parts of the kept page, here: in the place of the form whose answers were put aside.
  async function show(...parts) {
    if (!document.querySelector("#offline-away")) {
      const page = new DOMParser().parseFromString(await (await caches.match("/offline", { ignoreVary: true })).text(), "text/html");
      document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
    }
    await showPlan().catch(() => {});
    document.querySelector("main form")?.reset();
    for (const part of document.querySelectorAll("main > [id^=offline-]")) part.hidden = !parts.includes(part.id.slice(8));
    const heading = document.querySelector(`#offline-${parts[0]} h2`);
    heading?.focus();
    heading?.scrollIntoView({ block: "center" });
  }

  // A check-in is sent, or kept where it cannot be. Any other answer is the server's to show, as it always was.
  async function deliver(form) {
    const said = new FormData(form);
    const unsafe = said.get("safety")?.startsWith("yes") || said.get("acted_self_harm") === "yes" || said.get("self_harm") >= 7;
    let answer = null;
    if (shell && !form.elements.mood.value) return needMood(form);
    if (!shell) {
      say("Sending...");
      answer = await post(new FormData(form)).catch(() => null);
      if (answer?.saved) return location.assign(answer.saved);
      if (answer && !answer.out) return form.submit();
    }
    if (!(await keep(form).catch(() => false))) {
      say("This could not be kept here. Leave this page open, and try again.");
      return shell || !answer ? delete form.dataset.sent : form.submit();
    }
    if (answer) return location.assign("/sign-in?next=/check-ins/&sent=kept");
    await show(...(unsafe ? ["reach", "kept"] : ["kept"])).catch(() => document.querySelector("#help")?.scrollIntoView());
    await tell();
    if (shell) await go();
  }

  // The plan of somebody who asked for it: sealed in the record of its owner, and open on the kept page without a
  // sign-in. What is kept is what stood on its own page when that was last open here.
  const lockOf = (one) => ({ name: "AES-GCM", iv: one.plan.iv, additionalData: bytes(`${one.owner} plan`) });

  async function keepPlan() {
    const people = [...document.querySelectorAll("[data-plan-person]")].map((one) => [one.textContent, one.getAttribute("href")]);
    const plan = { saved: document.querySelector("[data-plan-saved]").textContent, people, text: document.querySelector("#living-plan").outerHTML };
    const one = { ...who, plan: { iv: crypto.getRandomValues(new Uint8Array(12)) } };
    one.plan.sealed = await crypto.subtle.encrypt(lockOf(one), one.key, bytes(JSON.stringify(plan)));
    await within("readwrite", (owners) => owners.put(one));
    who = await owner();
  }

  async function dropPlan() {
    const { plan, ...one } = who;
    await within("readwrite", (owners) => owners.put(one));
    who = await owner();
  }

  async function showPlan() {
    const part = document.querySelector("#kept-plan");
    if (!part || !who?.plan) return;
    const plan = JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(lockOf(who), who.key, who.plan.sealed)));
    const call = document.querySelector("[href='tel:988'] svg"); // the picture of a phone
    const buttons = plan.people.map(([name, href], place) => {
      const link = element("a", "", { href, className: `btn safe big${place ? " alt" : ""}` });
      link.append(...(call ? [call.cloneNode(true)] : []), element("bdi", name));
      return link;
    });
    part.querySelector("[data-plan-saved]").textContent = plan.saved;
    part.querySelector("[data-plan-people]").replaceChildren(...buttons);
    part.querySelector("[data-plan-text]").replaceChildren(new DOMParser().parseFromString(plan.text, "text/html").body.firstChild);
    const folded = part.querySelector("details");
    folded.open = ["/offline", "/safety-plan"].includes(location.pathname);
    part.hidden = false;
    for (const way of document.querySelectorAll("main [data-to-plan]")) {
      way.hidden = false;
      way.addEventListener("click", () => (folded.open = true));
    }
    if (location.pathname !== "/offline" || !navigator.onLine) return;
    document.querySelector("h1").textContent = "Kept on this device";
    shell.hidden = true; // it says that there is no connection
  }

  function needMood(form) {
    const mood = form.querySelector("#mood");
    if (!mood.querySelector(".error")) {
      mood.append(element("p", "Choose a number from 0 to 10. It is the only question we need.", { id: "mood-error", className: "small b berry error" }));
      mood.setAttribute("aria-describedby", `mood-error ${mood.getAttribute("aria-describedby")}`);
    }
    delete form.dataset.sent;
    mood.focus();
  }

  // Nothing stays of anybody: what waits, the keys, the kept page and the worker.
  async function wipe() {
    await new Promise((done) => {
      const asked = indexedDB.deleteDatabase("offline");
      asked.onsuccess = asked.onerror = asked.onblocked = done;
    });
    for (const name of await caches.keys()) await caches.delete(name);
    await (await navigator.serviceWorker.getRegistration())?.unregister();
    who = null;
  }

  async function signOut(form) {
    const all = await mine(), has = all.length === 1 ? "has" : "have", it = all.length === 1 ? "it" : "them";
    const act = async () => {
      await wipe().catch(() => {}); // the server's answer says the same to the browser
      form.submit();
    };
    if (!all.length) return act();
    delete form.dataset.sent;
    ask(`${number(all)} ${has} not been sent.`, `Sign out and delete ${it}`, "Stay", act);
    region.scrollIntoView({ block: "center" });
  }

  document.addEventListener("submit", (event) => { // before the window, where app.js says that nothing can be sent
    const form = event.target, address = form.getAttribute("action");
    if (event.defaultPrevented || !who) return;
    const act = address === "/check-ins/" ? deliver : address === "/sign-out" && form !== exit ? signOut : null;
    if (!act) return;
    event.preventDefault();
    if (event.submitter?.name === "more") form.elements.folded.value = ""; // no button is sent from here
    act(form);
  });

  const filling = () => typed().length > 1; // a form that is open here

  // The kept page stands in for another: that one comes as soon as it can, unless something is being written here. Not
  // at once, since it has just failed to come: this page would not stand still.
  async function comeBack() {
    if (!shell || location.pathname === "/offline" || !navigator.onLine || filling()) return;
    const answer = await fetch("/offline/token", { redirect: "manual", cache: "no-store", signal: patient() }).catch(() => null);
    if (answer && answer.status < 500 && mayReload && !filling()) location.reload();
  }

  const goTo = (address) => {
    mayReload = false; // or it would stop that
    location.assign(address);
  };

  // Send what can be sent, and say how it stands.
  async function go(asked = false) {
    who = await owner();
    if (!who) {
      say("");
      return comeBack();
    }
    try {
      await tidy();
      const saved = await send();
      if (saved) [did, see] = ["Your check-in was sent.", [link("See it", saved)]];
      if (saved && shell && !filling()) return goTo(saved);
      if (shown && !(await mine()).some((one) => one.id === shown)) {
        const address = `/check-ins/${shown}/saved`; // what they look at says that nobody has it yet
        if (saved || (await fetch(address)).ok) return goTo(address);
      }
      await tell();
      if (!waits && !gone.length) await comeBack();
    } catch {
      await tell(asked ? OFF : "");
    }
  }

  // Said once, on the account page: this is my own device; and on the page of the plan: keep it here.
  function offer(part, begin, end, stands, done, undone) {
    const [yes, no] = part.querySelectorAll("[data-own]"), said = part.querySelector("[role=status]");
    const notOwn = part.querySelector("[data-not-own]");
    const stand = () => {
      [part.hidden, yes.hidden, no.hidden] = [false, !!stands(), !stands()];
      if (notOwn) notOwn.hidden = !!who;
    };
    const change = (from, to, act, words) => from.addEventListener("click", async () => {
      from.disabled = true;
      said.textContent = await act().then(() => words, () => "This browser could not do that.");
      from.disabled = false;
      stand();
      (from.hidden ? to : from).focus();
    });
    change(yes, no, begin, done);
    change(no, yes, end, undone);
    stand();
  }

  async function begin() {
    const made = await navigator.serviceWorker.register("/sw.js");
    await new Promise((yes, no) => {
      const worker = made.installing ?? made.waiting ?? made.active;
      const look = () => worker.state === "activated" ? yes() : worker.state === "redundant" && no();
      worker.addEventListener("statechange", look);
      look();
    });
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await within("readwrite", (owners) => owners.put({ owner: me, key, here: true }));
    who = await owner();
    document.querySelector("main").before(region);
  }

  async function end() {
    await remove(...(await mine()).map((one) => one.id));
    await within("readwrite", (owners) => owners.delete(me));
    if (!(await within("readonly", (owners) => owners.getAll())).length) await wipe();
    who = null;
    say("");
  }

  async function start() {
    who = await owner();
    const device = document.querySelector("#own-device"), plan = document.querySelector("#own-plan");
    if (away && !shell) {
      for (const way of document.querySelectorAll("[data-to-plan]")) way.hidden = !who?.plan;
      return;
    }
    if (device && able && me) offer(device, begin, end, () => who, "Kept here from now on, when there is no signal.", "Nothing is kept here now.");
    if (plan && able && me) {
      if (who?.plan) await keepPlan();
      const first = async () => {
        if (!who) await begin();
        await keepPlan();
      };
      offer(plan, first, dropPlan, () => who?.plan, "Kept here. Open it without a signal, or without signing in, under Help now.", "No longer kept here.");
    }
    if (!who && !shell) return;
    if (shell) await showPlan().catch(() => {});
    if (who) document.querySelector("main").before(region);
    const saved = who && location.pathname.match(/^\/check-ins\/([^/]+)\/saved$/);
    if (saved) await remove(saved[1]);
    if (who && shell) {
      document.querySelector("[data-check-in]").hidden = !document.querySelector("#offline-ask");
      if (location.pathname === "/check-ins/new") await show("ask", "away");
    }
    addEventListener("online", () => go());
    setInterval(() => document.hidden || !(waits || shell) || signedOut || region.contains(document.activeElement) || go(), AGAIN); // not every phone says that it is online
    document.addEventListener("visibilitychange", () => document.hidden || go());
    await go();
    mayReload = true;
  }

  start();
}
