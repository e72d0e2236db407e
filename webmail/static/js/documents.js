// The page viewer: zoom and turn.
"use strict";

(() => {
  const SIZES = ["46vw", "66vw", "92vw"];
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom],[data-turn]");
    if (!button) return;
    const pages = button.closest("[data-viewer]").querySelector(".viewer-pages");
    if (button.matches("[data-turn]")) {
      const turn = (Number(pages.dataset.turn || 0) + 1) % 4;
      pages.dataset.turn = String(turn);
      for (const n of [1, 2, 3]) pages.classList.toggle(`turn-${n}`, n === turn);
      return;
    }
    const zoom = Math.min(3, Math.max(1, Number(pages.dataset.zoomed || 1) + Number(button.dataset.zoom)));
    pages.dataset.zoomed = String(zoom);
    for (const n of [2, 3]) pages.classList.toggle(`zoom-${n}`, n === zoom);
    for (const image of pages.querySelectorAll("img")) image.sizes = `(max-width: 1099px) ${96 * zoom}vw, ${SIZES[zoom - 1]}`;
  });
})();
