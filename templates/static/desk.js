// Adds to the writing desk what it can do without: a draft that this browser alone keeps, points that are ticked off while one writes, and
// buttons that copy. Nothing is sent but what the button "check" sends as well.
(() => {
  "use strict";

  const nothing = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  let store = nothing; // a browser may forbid it
  try {
    store = window.localStorage ?? nothing;
  } catch {}
  const place = (draft) => `holdfast:letter:${draft}`;

  // What was sent is kept no longer.
  for (const link of document.querySelectorAll("[data-sent]")) {
    link.addEventListener("click", () => store.removeItem(place(link.dataset.sent)));
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.querySelector(button.dataset.copy);
    if (!field || !navigator.clipboard) {
      continue;
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        field.select(); // to be copied by hand
        return;
      }
      const label = button.firstChild;
      const before = label.textContent;
      label.textContent = button.dataset.copied;
      button.disabled = true;
      setTimeout(() => {
        label.textContent = before;
        button.disabled = false;
      }, 2000);
    });
  }

  const form = document.querySelector("form[data-draft]");
  if (!form) {
    return;
  }
  const key = place(form.dataset.draft);
  const kept = ["name", "town", "language", "subject", "text", "short"].filter((name) => form.elements[name]); // not every office has all
  const notice = form.querySelector(".restored");
  let waiting = 0;
  let asked = 0;

  if ("fresh" in form.dataset) {
    try {
      const draft = JSON.parse(store.getItem(key));
      if (draft?.text || draft?.short) {
        for (const name of kept) {
          if (typeof draft[name] === "string" && draft[name] !== "") {
            form.elements[name].value = draft[name];
          }
        }
        notice.hidden = false;
        later(0);
      }
    } catch {}
  }
  form.querySelector("[data-forget]").addEventListener("click", () => {
    store.removeItem(key);
    form.reset();
    notice.hidden = true;
    later(0);
  });

  form.addEventListener("input", () => {
    try {
      store.setItem(key, JSON.stringify(Object.fromEntries(kept.map((name) => [name, form.elements[name].value]))));
    } catch {}
    later(900);
  });
  form.addEventListener("submit", (event) => {
    const to = event.submitter?.getAttribute("formaction") ?? "";
    if (to.endsWith("/send")) {
      store.removeItem(key);
    }
  });

  // The letter is read over by the same request that the button makes; of its answer the parts about what is written are taken.
  function later(milliseconds) {
    clearTimeout(waiting);
    waiting = setTimeout(check, milliseconds);
  }
  async function check() {
    const mine = ++asked;
    const sent = new URLSearchParams(new FormData(form));
    let text;
    try {
      const answer = await fetch(form.getAttribute("action").split("#")[0], { method: "POST", body: sent });
      if (!answer.ok) {
        return;
      }
      text = await answer.text();
    } catch {
      return;
    }
    if (mine !== asked) {
      return; // more has been typed since
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const id of ["points", "reading", "short-reading"]) {
      const fresh = page.getElementById(id);
      if (fresh) {
        document.getElementById(id).replaceChildren(...document.importNode(fresh, true).childNodes);
      }
    }
    document.documentElement.dataset.checked = String(mine);
  }
})();
