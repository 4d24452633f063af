// Lets the page rest while somebody reads in it: nothing is replaced below an open table or the keyboard's focus.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.detail.elt;
  if (document.hidden || part.querySelector("details[open]") || part.contains(document.activeElement)) {
    event.preventDefault();
  }
});
