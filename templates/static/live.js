// Adds to the pages what they can do without: progress that moves, and the reader's own hour.
(() => {
  "use strict";

  // While an appeal leaves, its page listens for the part of it that changes. A page whose state has changed is
  // loaded anew, so that its buttons fit.
  const live = document.querySelector("[data-events]");
  if (live && window.EventSource) {
    const state = () => live.querySelector("[data-state]")?.dataset.state;
    const first = state();
    const events = new EventSource(live.dataset.events);
    events.addEventListener("progress", (event) => {
      live.innerHTML = event.data;
      if (state() !== first) {
        events.close();
        location.reload();
      }
    });
    const refresh = live.closest("section")?.querySelector(".refresh");
    events.addEventListener("open", () => refresh?.setAttribute("hidden", ""));
    events.addEventListener("error", () => refresh?.removeAttribute("hidden"));
  }

  // A page that says what is wrong is read from there.
  document.querySelector(".problems")?.focus();
})();
