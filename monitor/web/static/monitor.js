// What is nicer with a script; without it every page works the same.
"use strict";

// "/" goes to the search field, unless one is being written in.
document.addEventListener("keydown", (event) => {
  const field = document.querySelector("#search");
  const isWriting = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && field && !isWriting && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

// A filter that is chosen holds at once.
for (const form of document.querySelectorAll("form.filters")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// An open page is told that there is something new; it is shown when the reader asks for it.
const news = document.querySelector("#news");
if (news && window.EventSource) {
  const source = new EventSource("/events?after=" + encodeURIComponent(news.dataset.after));
  source.addEventListener("stories", (event) => {
    const count = JSON.parse(event.data).count;
    news.querySelector("a").textContent = count === 1 ? "1 story is new" : count + " stories are new";
    news.classList.toggle("here", count > 0);
  });
  source.addEventListener("end", () => source.close());
  window.addEventListener("pagehide", () => source.close());
}
