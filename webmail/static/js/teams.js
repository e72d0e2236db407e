// Shared mail: who is looking at what, and a queue that keeps itself up to date.
"use strict";

(() => {
  const EVERY_MS = 15000;

  // The page is not exchanged under somebody who is choosing or writing in it.
  function busy(team) {
    return team.querySelector("input[name=message]:checked, details[open]")
      || (team.contains(document.activeElement) && typing(document.activeElement));
  }

  function poll() {
    if (document.hidden) return;
    const watched = document.querySelector("[data-watch]");
    if (watched) {
      const body = new FormData();
      body.set("message", watched.dataset.message);
      if (watched.matches("form")) body.set("writing", "1");
      fetch(watched.dataset.watch, { method: "POST", body, headers: { "X-CSRFToken": token() } });
    }
    const team = document.querySelector("[data-team]");
    if (team && !busy(team)) document.body.dispatchEvent(new CustomEvent("vt:team-poll"));
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-team]") && busy(event.target)) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-team-all]")) return;
    for (const box of event.target.form.querySelectorAll(".team-pick input, .cleanup-pick input")) box.checked = event.target.checked;
  });
  poll();
  setInterval(poll, EVERY_MS);
})();
