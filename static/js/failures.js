// Shows why a request that htmx sent in the background did not work; nothing that was typed is lost.
const OFFLINE = "The site could not be reached. Check your connection, then try again.";
const BROKEN = "Something went wrong on our side. Try again in a moment.";

function show(message) {
  const place = document.querySelector("[data-failure]");
  place.textContent = message;
  place.hidden = false;
}

function reason(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-refusal]")?.textContent.trim() ?? BROKEN;
}

document.addEventListener("htmx:responseError", (event) => show(reason(event.detail.xhr.responseText)));
document.addEventListener("htmx:sendError", () => show(OFFLINE));
document.addEventListener("htmx:timeout", () => show(OFFLINE));
document.addEventListener("htmx:beforeRequest", () => {
  document.querySelector("[data-failure]").hidden = true;
});
