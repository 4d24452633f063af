// Forms for replies in place: one at a time below each comment, and a way to close it again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-reply]")) return;
  const open = event.detail.target.querySelector(":scope > form textarea");
  if (open) {
    event.preventDefault();
    open.focus();
  }
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-close]")?.closest("form").remove();
});
