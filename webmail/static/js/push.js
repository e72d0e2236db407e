// News from the server: one stream a tab; pages refresh the parts that changed.
"use strict";

(() => {
  if (!document.querySelector(".bottombar")) return;
  const waiting = new Set();
  let timer = null;

  // A list is not refreshed under somebody who types or chooses in it: that waits until they are done.
  function busy(name) {
    const list = document.getElementById("mail-list");
    return name === "list" && list && typing(document.activeElement) && list.contains(document.activeElement)
      && document.activeElement.type !== "checkbox";
  }
  function tell() {
    timer = null;
    for (const name of [...waiting]) {
      if (busy(name)) continue;
      waiting.delete(name);
      document.body.dispatchEvent(new CustomEvent(`vt:${name}`));
    }
    if (waiting.size) timer = setTimeout(tell, 2000);
  }
  function note(...names) {
    for (const name of names) waiting.add(name);
    timer ??= setTimeout(tell, 120);
  }

  async function counts() {
    const answer = await fetch("/dem", { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    for (const [key, count] of Object.entries(await answer.json())) {
      for (const badge of document.querySelectorAll(`[data-count="${key}"]`)) badge.textContent = count || "";
    }
  }

  const stream = new EventSource("/events");
  stream.addEventListener("mail", (event) => {
    const news = JSON.parse(event.data);
    const list = document.getElementById("mail-list");
    note("folders");
    if (list && Number(list.dataset.folder) === news.folder) note("list");
    if (news.delivered) say(document.documentElement.lang === "en" ? "New mail" : "Có thư mới");
    note("desk");
    counts();
  });
  stream.addEventListener("team", () => note("team"));
  stream.addEventListener("document", () => {
    note("work", "desk", "folders");
    counts();
  });
  // After a break the stream cannot know what was missed.
  let opened = false;
  stream.addEventListener("open", () => {
    document.documentElement.dataset.push = "on";
    if (opened) {
      note("folders", "list", "work", "desk", "team");
      counts();
    }
    opened = true;
  });
  addEventListener("pagehide", () => stream.close());
})();
