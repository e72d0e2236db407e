// Mail: open beside the list, J and K, choosing many, the size of what is attached.
"use strict";

(() => {
  const wide = matchMedia("(min-width: 768px)");

  function open(link, push) {
    const row = link.closest(".mail-row");
    for (const other of document.querySelectorAll(".mail-row.open")) other.classList.remove("open");
    if (row) {
      row.classList.add("open");
      row.classList.remove("unseen");
    }
    if (push) history.pushState({ mail: true }, "", link.href);
    htmx.ajax("GET", link.href, { target: "#reader", select: "#reader", swap: "outerHTML" });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-open]");
    if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link, true);
  });
  addEventListener("popstate", () => {
    if (document.getElementById("mail")) location.reload();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key !== "j" && event.key !== "k") return;
    const links = [...document.querySelectorAll("a[data-open]")];
    if (!links.length) return;
    const at = links.findIndex((link) => link.closest(".mail-row").classList.contains("open"));
    const next = links[event.key === "j" ? at + 1 : Math.max(at - 1, 0)];
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: false });
    next.click();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      for (const box of document.querySelectorAll(".pick:not(:disabled)")) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-compose] input[type=file]")) choose(event.target);
    if (event.target.closest("[data-compose]")) weigh(event.target.closest("[data-compose]"));
    if (event.target.closest("[data-shrink]")) foresee(event.target.closest("[data-shrink]"));
  });

  // A browser forgets the files that were chosen before; here they stay, each with a way to be dropped.
  let chosen = [];
  const row = document.querySelector("[data-chosen] li");
  if (row) row.remove();

  function choose(input) {
    const known = new Set(chosen.map((file) => `${file.name}/${file.size}/${file.lastModified}`));
    chosen.push(...[...input.files].filter((file) => !known.has(`${file.name}/${file.size}/${file.lastModified}`)));
    show(input);
  }

  function show(input) {
    const kept = new DataTransfer();
    for (const file of chosen) kept.items.add(file);
    input.files = kept.files;
    const list = input.form.querySelector("[data-chosen]");
    list.hidden = !chosen.length;
    list.replaceChildren(
      ...chosen.map((file) => {
        const shown = row.cloneNode(true);
        const drop = shown.querySelector("button");
        [shown.children[0].textContent, shown.children[1].textContent] = [file.name, written(file.size)];
        drop.setAttribute("aria-label", drop.getAttribute("aria-label").replace("{}", file.name));
        drop.addEventListener("click", () => {
          chosen = chosen.filter((one) => one !== file);
          show(input);
          weigh(input.form);
          input.focus();
        });
        return shown;
      }),
    );
  }

  function written(octets) {
    if (octets < 1024) return `${octets} B`;
    const text = octets < 1048064 ? `${Math.round(octets / 1024)} KB` : `${(octets / 1048576).toFixed(1)} MB`;
    return document.documentElement.lang === "en" ? text : text.replace(".", ",");
  }

  function foresee(form) {
    const after = form.querySelector("[data-after]");
    let left = Number(form.dataset.total);
    for (const way of form.querySelectorAll("[data-saves]:checked")) left -= Number(way.dataset.saves);
    after.textContent = after.dataset.text.replace("{}", written(left));
    after.classList.toggle("over", left > Number(form.dataset.limit));
  }

  function carries(form) {
    return form.querySelector("input[type=file]").files.length || form.querySelector("input[name=carry], [value=unshrink]");
  }

  function weigh(form) {
    const total = form.querySelector("[data-total]");
    let sum = new Blob([form.querySelector("textarea").value]).size;
    for (const file of form.querySelector("input[type=file]").files) sum += file.size;
    for (const box of form.querySelectorAll("input[name=carry]:checked")) sum += Number(box.dataset.size);
    total.textContent = total.dataset.text.replace("{}", written(sum));
    total.classList.toggle("over", sum > Number(form.dataset.limit));
    form.querySelector("[data-with-files]").hidden = !carries(form);
  }

  // A draft is kept every twenty seconds while it changes; attachments are kept with the button.
  const form = document.querySelector("[data-compose]");
  if (!form) return;
  const files = form.querySelector("input[type=file]");
  if (files.files.length) choose(files); // the browser came back to this page
  if (carries(form)) weigh(form);
  else form.querySelector("[data-with-files]").hidden = true;
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.matches("[data-idle]")) event.preventDefault();
    else changed = false;
  });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  setInterval(async () => {
    if (!changed) return;
    changed = false;
    const body = new FormData(form);
    body.delete("files");
    body.set("do", "autosave");
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": token() } });
    if (!answer.ok || answer.redirected) {
      changed = true;
      return;
    }
    const saved = await answer.json();
    form.querySelector("[name=draft]").value = saved.draft;
    const state = document.getElementById("draft-state");
    let next = 0;
    for (const box of form.querySelectorAll("input[name=carry]:checked")) box.value = saved.carry[next++] ?? box.value;
    state.textContent = `${state.dataset.savedText} ${saved.at}`;
  }, 20000);
})();
