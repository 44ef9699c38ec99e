// What stays when the network is gone: the look of the portal and one page that holds nobody's data. The portal puts
// SHELL in front of this, with the version of that page and the files it loads. No other answer is ever kept.
"use strict";

const PAGE = "/offline", NAME = `shell-${SHELL.version}`;

async function fill() {
  const shell = await caches.open(NAME);
  await Promise.all([PAGE, ...SHELL.files].map(async (address) => {
    const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
    if (!answer.ok || /no-store/.test(answer.headers.get("Cache-Control"))) throw new Error(`not to be kept: ${address}`);
    await shell.put(address, answer);
  }));
  await skipWaiting();
}

async function dropOthers() {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
  await clients.claim();
}

async function wipe() {
  await new Promise((done) => {
    const asked = indexedDB.deleteDatabase("offline");
    asked.onsuccess = asked.onerror = done; // one that is open somewhere goes when that is closed
  });
  for (const name of await caches.keys()) await caches.delete(name);
  await registration.unregister();
}

const held = (address) => caches.match(address, { ignoreVary: true });

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(dropOthers()));
addEventListener("message", (event) => event.data === "wipe" && event.waitUntil(wipe()));
addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  const { origin, pathname, search } = new URL(url);
  const noNetwork = (error) => held(PAGE).then((page) => page ?? Promise.reject(error));
  if (mode === "navigate") event.respondWith(fetch(event.request).catch(noNetwork));
  else if (origin === location.origin && SHELL.files.includes(pathname + search)) {
    event.respondWith(held(pathname + search).then((file) => file ?? fetch(event.request)));
  }
});
