// A file is sent in pieces, with its progress; after a line that broke it goes on where it was.
"use strict";

(() => {
  const form = document.querySelector("[data-handing]");
  if (!form) return;
  const bar = form.querySelector("progress");
  const state = form.querySelector("[data-state]");
  const tries = 8;

  async function post(address, body) {
    for (let turn = 1; ; turn += 1) {
      try {
        const answer = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token() } });
        if (answer.status < 500) return answer;
      } catch (fault) {
        if (turn === tries) throw new Error(form.dataset.failed, { cause: fault });
      }
      if (turn === tries) throw new Error(form.dataset.failed);
      state.textContent = form.dataset.broken;
      await new Promise((go) => setTimeout(go, 500 * 2 ** turn));
    }
  }

  async function carry(file) {
    const offer = new FormData();
    offer.set("name", file.name);
    offer.set("type", file.type);
    offer.set("size", file.size);
    offer.set("mark", `${file.name} ${file.size} ${file.lastModified}`);
    const begun = await post(form.dataset.handing, offer);
    const told = await begun.json();
    if (!begun.ok) throw new Error(told.error);
    let at = told.received;
    while (at < file.size) {
      bar.value = Math.round((100 * at) / file.size);
      state.textContent = `${form.dataset.sending} ${bar.value} %`;
      const answer = await post(`/tep/${told.id}/doan?tu=${at}`, file.slice(at, at + told.piece));
      if (!answer.ok && answer.status !== 409) throw new Error(form.dataset.failed);
      at = (await answer.json()).received;
    }
    return told.id;
  }

  form.addEventListener("submit", async (event) => {
    const chosen = form.querySelector("input[type=file]");
    if (!chosen.files.length) return;
    event.preventDefault();
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    bar.hidden = false;
    try {
      form.querySelector("[name=upload]").value = await carry(chosen.files[0]);
      chosen.value = "";
      form.submit();
    } catch (fault) {
      state.textContent = fault.message;
      button.disabled = false;
    }
  });
})();
