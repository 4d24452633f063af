// Keys in a thread: j and k to the next and the previous comment, n to the next new one.
const STEPS = { j: ["*", 1], k: ["*", -1], n: [":has(> .comment-head [data-unread])", 1] };

function place(comments) {
  const focused = comments.indexOf(document.activeElement.closest(".comment"));
  return focused >= 0 ? focused : comments.findLastIndex((comment) => comment.getBoundingClientRect().top < 0);
}

function step(wanted, direction) {
  const comments = [...document.querySelectorAll(".comment")].filter((comment) => comment.checkVisibility());
  let next = place(comments) + direction;
  while (next in comments && !comments[next].matches(wanted)) next += direction;
  if (!(next in comments)) return;
  comments[next].tabIndex = -1;
  comments[next].focus();
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, textarea, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !(event.key in STEPS)) return;
  step(...STEPS[event.key]);
});
