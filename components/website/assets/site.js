// What makes the pages smoother. Each of them works without it.
"use strict";
(() => {
  const main = () => document.getElementById("main");

  // Sends forms and shows what comes back in the place of the page that sent them.
  let sending = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (form.method !== "post") return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    form.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form, button));
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("main")) throw new Error("no page");
      if (answer.redirected && answer.url !== location.href) history.pushState(null, "", answer.url);
      at = address();
      show(page);
    } catch {
      // The browser sends it by itself, and tells of what is wrong with the network.
      form.submit();
    } finally {
      sending = false;
      form.removeAttribute("aria-busy");
    }
  });

  function show(page) {
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    for (const place of [".top", "#main", ".bottom"]) {
      document.querySelector(place).replaceWith(page.querySelector(place));
    }
    scrollTo(0, 0);
    (main().querySelector("[data-focus]") || main()).focus();
    begin();
  }
  // Back and forth between what was shown this way; a place within the page is none of it.
  const address = () => location.pathname + location.search;
  let at = address();
  addEventListener("popstate", () => { if (address() !== at) location.reload(); });

  // Menus close when somebody goes elsewhere.
  const close = (menu) => menu.removeAttribute("open");
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) close(menu);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(".menu[open]")) {
      close(menu);
      menu.querySelector("summary").focus();
    }
  });

  // Seats that are left, every half minute, as long as somebody looks.
  async function seats() {
    const places = [...document.querySelectorAll("[data-seats]")];
    if (!places.length || document.hidden) return;
    const ids = [...new Set(places.map((place) => place.dataset.seats))].slice(0, 100);
    try {
      const answer = await fetch("/seats?showtimes=" + ids.join(","), { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const told = await answer.json();
      for (const place of places) {
        const left = told[place.dataset.seats];
        if (!left || place.textContent === left.words) continue;
        place.textContent = left.words;
        const showing = place.closest(".showing");
        if (!showing) continue;
        showing.classList.remove("sold-out", "few", "many");
        showing.classList.add(left.kind);
      }
    } catch {}
  }
  setInterval(seats, 30000);
  document.addEventListener("visibilitychange", seats);

  function begin() {
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => print());
    }
    const said = document.querySelector("[data-focus]");
    if (said) said.focus();
  }
  begin();
})();
