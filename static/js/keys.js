// Keys in a thread: j and k to the next and the previous comment, n to the next new one.
const STEPS = { j: [".comment", 1], k: [".comment", -1], n: [".comment:has(> .comment-head [data-unread])", 1] };

function step(selector, direction) {
  const comments = [...document.querySelectorAll(selector)].filter((comment) => comment.checkVisibility());
  const ordered = direction > 0 ? comments : comments.reverse();
  const edge = 8 * direction;
  const next = ordered.find((comment) => (comment.getBoundingClientRect().top - edge) * direction > 16);
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !(event.key in STEPS)) return;
  step(...STEPS[event.key]);
});
