// Passkeys: a form with data-passkey asks the browser's authenticators before it is sent. The server says what to ask
// (data-ask, answered with JSON) and reads the answer from the field "answer".
"use strict";

(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(""))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function asked(form) {
    const answer = await fetch(form.dataset.ask, {
      method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token() },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const options = await answer.json();
    options.challenge = bytes(options.challenge);
    return options;
  }

  async function create(options) {
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    } });
    return { id: made.id, rawId: text(made.rawId), type: made.type, response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    } };
  }

  async function use(options) {
    const used = await navigator.credentials.get({ publicKey: {
      ...options, allowCredentials: named(options.allowCredentials),
    } });
    const handle = used.response.userHandle;
    return { id: used.id, rawId: text(used.rawId), type: used.type, response: {
      clientDataJSON: text(used.response.clientDataJSON),
      authenticatorData: text(used.response.authenticatorData),
      signature: text(used.response.signature),
      userHandle: handle && handle.byteLength ? text(handle) : null,
    } };
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-passkey]") || form.dataset.answered) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    try {
      const options = await asked(form);
      const answer = form.dataset.passkey === "create" ? await create(options) : await use(options);
      form.elements.answer.value = JSON.stringify(answer);
      form.dataset.answered = "1";
      form.submit();
    } catch (fault) {
      // Cancelled, too late, or no such passkey here: the browser does not tell which.
      failed.hidden = false;
    } finally {
      delete form.dataset.busy;
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.PublicKeyCredential) return;
    for (const part of document.querySelectorAll("[data-passkey-able]")) part.hidden = false;
    for (const part of document.querySelectorAll("[data-passkey-unable]")) part.hidden = true;
  });
})();
