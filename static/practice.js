// The numbers of a tool, and its steps one after the other. Without this file the words, the circle and the wave go on
// by themselves, and steps are a list to follow.
"use strict";

{
  const tool = document.querySelector(".breath, .timer, .guide");
  const shown = tool.querySelector("[data-shown]"); // "1, 2, 3, 4" in the circle, or the time left
  const along = tool.querySelector("[data-along]"); // "Breath 3", or what to do at the end
  const chosen = () => tool.querySelector(".chips :checked, input[type=hidden][name]")?.value ?? "";
  const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const say = (place, words) => place.textContent === words || (place.textContent = words);

  // The seconds since Start, read from the animation that runs, so that words, circle and number cannot disagree.
  function tell() {
    const moving = tool.querySelector(".in, .ride").getAnimations()[0];
    const seconds = Math.floor((moving?.currentTime ?? 0) / 1000);
    if (tool.matches(".breath")) {
      const [into, out] = chosen().split("-").map(Number);
      const at = seconds % (into + out);
      say(shown, moving ? String((at < into ? at : at - into) + 1) : "");
      say(along, moving ? `Breath ${Math.floor(seconds / (into + out)) + 1}. Stop when you like.` : `In for ${into}, out for ${out}.`);
    } else {
      const left = Math.max(0, chosen() * 60 - seconds);
      say(shown, minutes(left));
      say(along, moving && !left ? "The time is over. How strong is it now?" : "");
    }
  }

  function guide() {
    const [list, panel, start, back] = ["ol", "[data-guide]", "[data-start]", "[data-back]"].map((one) => tool.querySelector(one));
    const place = tool.querySelector("[data-place]"), words = tool.querySelector("[data-words]");
    const steps = () => [...list.children].filter((step) => !step.dataset.only || step.dataset.only.split(" ").includes(chosen()));
    let at = -1, ends = 0;

    function go(to) {
      const all = steps();
      at = to < all.length ? to : -1;
      const step = all[at], seconds = Number(step?.dataset.seconds ?? 0);
      ends = seconds && Date.now() + seconds * 1000;
      back.hidden = at < 1;
      place.textContent = step ? `Step ${at + 1} of ${all.length}` : "";
      words.textContent = step ? step.firstChild.textContent.trim() : "That was all of it.";
      shown.textContent = "";
      start.textContent = !step ? "Start again" : seconds ? "Skip ahead" : "Next";
    }

    list.hidden = true;
    start.hidden = panel.hidden = false;
    place.textContent = `${steps().length} steps`;
    start.addEventListener("click", () => go(at + 1));
    back.addEventListener("click", () => go(at - 1));
    tool.addEventListener("change", () => {
      at >= 0 ? go(0) : (place.textContent = `${steps().length} steps`);
    });
    setInterval(() => {
      if (!ends) return;
      const left = Math.ceil((ends - Date.now()) / 1000);
      left > 0 ? say(shown, minutes(left)) : go(at + 1);
    }, 250);
  }

  if (tool.matches(".guide")) guide();
  else {
    tool.addEventListener("change", tell);
    setInterval(tell, 250);
    tell();
  }
}
