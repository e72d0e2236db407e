// Small comforts for every page; everything works without them.
"use strict";

const token = () => document.querySelector('meta[name="csrf-token"]').content;
const say = (text) => {
  document.getElementById("live").textContent = text;
};
const typing = (target) =>
  target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
});

// A session that ended answers a partial request with the sign-in page: go there.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseURL.includes("/dang-nhap")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

// A refreshed part keeps what was scrolled, folded and chosen in it; htmx keeps the focus by its id.
const kept = new Map();
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.target;
  if (!part.id || !event.detail.shouldSwap) return;
  const scrolled = [part, ...part.querySelectorAll("[id]")].filter((one) => one.scrollTop);
  kept.set(part.id, {
    scrolled: scrolled.map((one) => [one.id, one.scrollTop]),
    folded: [...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]),
    ticked: [...part.querySelectorAll("input[type=checkbox]:checked")].map((one) => one.value),
    marked: [...part.querySelectorAll(".open [id]")].map((one) => one.id),
  });
});
document.addEventListener("htmx:afterSettle", (event) => {
  const part = document.getElementById(event.target.id);
  const was = kept.get(event.target.id);
  if (!part || !was) return;
  kept.delete(part.id);
  for (const [id, open] of was.folded) if (document.getElementById(id)) document.getElementById(id).open = open;
  for (const [id, top] of was.scrolled) if (document.getElementById(id)) document.getElementById(id).scrollTop = top;
  for (const box of part.querySelectorAll("input[type=checkbox]")) if (was.ticked.includes(box.value)) box.checked = true;
  for (const id of was.marked) document.getElementById(id)?.closest(".mail-row")?.classList.add("open");
});

function wake(root) {
  for (const node of root.querySelectorAll("[data-print],[data-copy],[data-dismiss],[data-zoom],[data-turn],[data-phrases]")) {
    node.hidden = false;
  }
  const focus = root.querySelector("[data-focus]");
  if (focus) focus.focus();
  for (const area of root.querySelectorAll("[data-cursor=start][autofocus]")) area.setSelectionRange(0, 0);
}
document.addEventListener("DOMContentLoaded", () => wake(document));
document.addEventListener("htmx:afterSwap", (event) => wake(event.target));

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-print],[data-copy],[data-dismiss],.phrase");
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (!target) return;
  if (target.matches("[data-print]")) print();
  if (target.matches("[data-dismiss]")) target.closest("[data-toast]").remove();
  if (target.matches("[data-copy]")) {
    navigator.clipboard.writeText(document.getElementById(target.dataset.copy).textContent.trim());
    say(target.textContent.trim());
  }
  if (target.matches(".phrase")) {
    const field = document.getElementById(target.parentElement.dataset.phrases);
    field.value = field.value ? `${field.value.trimEnd()} ${target.textContent}` : target.textContent;
    field.focus();
  }
});

// Notices leave after the window in which they can be undone; hovering or focusing keeps them.
setInterval(() => {
  for (const note of document.querySelectorAll("[data-toast]:not(.toast-error)")) {
    if (note.matches(":hover,:focus-within")) continue;
    const age = Number(note.dataset.age || 0) + 1;
    note.dataset.age = String(age);
    if (age > (note.querySelector(".undo") ? 12 : 7)) note.remove();
  }
}, 1000);

// One press, one request: a second press while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-autosubmit]");
  if (form && event.target.tagName === "SELECT") form.requestSubmit();
});

// Single keys only outside fields and only consonants: Vietnamese input methods rewrite vowel and tone keys.
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("form");
    const button = form && form.querySelector("[data-submit]");
    if (button) {
      event.preventDefault();
      form.requestSubmit(button);
    }
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const box = document.getElementById("search-all");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
    return;
  }
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const name = (event.altKey ? "alt+" : "") + event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey || (!event.altKey && typing(event.target))) return;
  const keyed = document.querySelector(`[data-key="${CSS.escape(name)}"]`);
  if (keyed) {
    event.preventDefault();
    keyed.click();
  } else if (event.key === "?") {
    location.href = "/tro-giup";
  } else if (event.key === "c" && !event.altKey) {
    location.href = "/thu/soan";
  }
});
