// Shows why a request that htmx sent in the background did not work; nothing that was typed is lost. A form that was
// open for too long has its token renewed, so that it can be sent again.
const TOKEN = "[name=csrfmiddlewaretoken]";
const OFFLINE = "The site could not be reached. Check your connection, then try again.";
const BROKEN = "Something went wrong on our side. Try again in a moment.";

function show(message) {
  const place = document.querySelector("[data-failure]");
  place.textContent = message;
  place.hidden = false;
}

function renew(token) {
  for (const field of document.querySelectorAll(TOKEN)) field.value = token;
}

document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const token = page.querySelector(TOKEN)?.value;
  if (token) renew(token);
  show(page.querySelector("[data-refusal]")?.textContent.trim() ?? BROKEN);
});
document.addEventListener("htmx:sendError", () => show(OFFLINE));
document.addEventListener("htmx:timeout", () => show(OFFLINE));
document.addEventListener("htmx:beforeRequest", () => {
  document.querySelector("[data-failure]").hidden = true;
});
