// Closes the account's menu as menus are closed: by Escape, and by a press anywhere else.
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (!menu || event.key !== "Escape") return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
