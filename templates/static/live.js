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

  // An hour in another place is said in the reader's own as well, where the two differ.
  const language = document.documentElement.lang;
  // Set as the page sets its own dates: the day before the month, and the language's own figures.
  const locales = { en: "en-GB", fr: "fr-CA", ar: "ar-u-nu-arab", fa: "fa-u-nu-arabext" };
  const locale = new Intl.Locale(locales[language] ?? language, { calendar: "gregory" });
  for (const time of document.querySelectorAll("time[data-offset]")) {
    const at = new Date(time.dateTime);
    const here = -at.getTimezoneOffset();
    const there = Number(time.dataset.offset);
    if (here !== there) {
      const day = (offset) => new Date(at.getTime() + offset * 60000).getUTCDate();
      const say = (options) => new Intl.DateTimeFormat(locale, options).format(at);
      const words = day(here) === day(there) ? time.dataset.yours : time.dataset.yoursDay;
      time.append(words
        .replace("{hour}", say({ hour: language === "fr" ? "numeric" : "2-digit", minute: "2-digit", hourCycle: "h23" }).replaceAll(" ", "\u00a0"))
        .replace("{day}", say({ weekday: "long", day: "numeric", month: "long" })));
    }
  }

  // A page that says what is wrong is read from there.
  document.querySelector(".problems")?.focus();
})();
