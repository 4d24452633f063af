// Live updates: while somebody looks at the page, hears what has happened since it was made, and says so to the
// others here as events of the document, such as "live:comment". Shows by itself how many notifications are unread.
const KINDS = ["comment", "counts", "unread", "resync"];
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 600_000;

const thread = document.querySelector("[data-live-topic]");
const inbox = document.querySelector("[data-live-key]");
const pages = [thread, inbox].filter(Boolean).map((part) => 1000 * part.dataset.liveSince);
let last = String(Math.floor(Math.min(...pages)));
let wait = FIRST_WAIT;
let stream = null;
let timer = 0;

function address() {
  const query = new URLSearchParams({ after: last });
  if (thread) query.set("topic", thread.dataset.liveTopic);
  if (inbox) query.set("key", inbox.dataset.liveKey);
  return `/live/stream?${query}`;
}

function listen() {
  if (stream || document.hidden) return;
  stream = new EventSource(address());
  for (const kind of KINDS) stream.addEventListener(kind, pass);
  stream.addEventListener("open", () => { wait = FIRST_WAIT; });
  stream.addEventListener("error", rest);
}

function pass(event) {
  last = event.lastEventId || last;
  document.dispatchEvent(new CustomEvent(`live:${event.type}`, { detail: JSON.parse(event.data) }));
}

// A stream that ends comes back by itself. One that is refused does not: the service is full, or away.
function rest() {
  if (stream.readyState !== EventSource.CLOSED) return;
  stop();
  timer = setTimeout(listen, wait * (0.5 + Math.random()));
  wait = Math.min(2 * wait, LONGEST_WAIT);
}

function stop() {
  stream?.close();
  stream = null;
  clearTimeout(timer);
}

document.addEventListener("live:unread", ({ detail }) => {
  const count = inbox.querySelector(".count");
  count.firstChild.data = detail.unread < 100 ? detail.unread : "99+";
  count.hidden = !detail.unread;
});

if (pages.length) {
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  listen();
}
