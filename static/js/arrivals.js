// Says that comments have arrived since a thread's page was made, and puts them in their places when asked to. Until
// then nothing on the page moves.
const PAUSE = 700;
const MOST = 100;

const link = document.querySelector("[data-arrivals]");
const loaded = document.querySelector("[data-arrivals-loaded]");
const address = link.href;
const heard = new Set();
let hasGap = false;
let fence = "";
let timer = 0;

function comment(id) {
  return document.getElementById(`c${id}`);
}

function show() {
  const missing = [...heard].filter((id) => !comment(id)).slice(-MOST);
  link.hidden = !missing.length && !hasGap;
  if (hasGap) {
    link.textContent = "There may be new comments";
    link.href = location.pathname + location.search;
  } else if (missing.length) {
    link.textContent = missing.length === 1 ? "1 new comment" : `${missing.length} new comments`;
    link.href = `${address}?ids=${missing.join(",")}`;
  }
}

// A moment later: one's own comment comes with the answer to its form, and those who listen are told once of several.
function showSoon() {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
}

// Below what it answers, or above all others. What it answers may stand on another page of the thread: then nowhere.
function place(arrival) {
  const parent = arrival.dataset.parent;
  const target = document.querySelector(parent ? `#${parent} > .comment-fold > .reply-place` : "[data-arrivals-place]");
  if (target && !loaded.contains(target)) target.append(arrival);
}

async function load() {
  await htmx.ajax("GET", link.href, { target: loaded, swap: "innerHTML", headers: { "X-Freshness": fence } });
  const arrivals = [...loaded.querySelectorAll("[data-arrival]")];
  // It failed, which js/failures.js says.
  if (!loaded.firstElementChild) return;
  arrivals.forEach(place);
  const placed = arrivals.filter((arrival) => !loaded.contains(arrival));
  const strays = arrivals.filter((arrival) => loaded.contains(arrival));
  loaded.replaceChildren();
  heard.clear();
  strays.forEach((arrival) => heard.add(Number(arrival.dataset.arrival)));
  show();
  if (placed.length) placed[0].querySelector(".comment").focus();
  else if (strays.length) location.assign(link.href);
}

link.addEventListener("click", (event) => {
  if (hasGap || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load();
});

document.addEventListener("live:comment", ({ detail }) => {
  heard.add(detail.id);
  fence = detail.fence;
  showSoon();
});

document.addEventListener("live:counts", ({ detail }) => {
  const noun = detail.comments === 1 ? "comment" : "comments";
  document.getElementById("comments-heading").textContent = `${detail.comments.toLocaleString("en")} ${noun}`;
  // A button to vote shows one's own vote, which may not have been counted yet.
  const points = document.querySelector(".story-page > .story > :not(button) > [id$=-points]");
  if (points) points.firstChild.data = detail.score;
});

document.addEventListener("live:resync", () => {
  hasGap = true;
  showSoon();
});

document.addEventListener("htmx:afterSettle", showSoon);
