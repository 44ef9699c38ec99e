// The little that HTML cannot do by itself: focus after a failed form, one send per tap, and a quick exit at once.
"use strict";

addEventListener("DOMContentLoaded", () => document.querySelector("#errors")?.focus());

// A second tap while a form is on its way sends nothing. Coming back to the page makes it sendable again.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Quick exit: blank first, then end the session while leaving. Escape three times does the same.
const exit = document.querySelector("form[data-exit]");
function leave() {
  document.documentElement.hidden = true;
  const leaving = new FormData(exit);
  leaving.delete("quick"); // a beacon follows where it is sent, and must not be sent to another site
  navigator.sendBeacon(exit.action, leaving);
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
