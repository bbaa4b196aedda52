/* Keys for what the buttons, links and fields of the triage screen do anyway. */
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  // Enter does what has the focus; where nothing has, it takes the first proposal.
  if (event.key === "Enter" && event.target.closest("a, button, summary, input")) return;
  const key = event.key === "Enter" ? "1" : event.key;
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input")) {
    wanted.focus();
    wanted.select();
  } else {
    wanted.click();
  }
});

/* A list that scrolls by itself shows the item that is open. */
(() => {
  const list = document.querySelector(".triage-list");
  const open = list?.querySelector("li a[aria-current]");
  if (!open || list.scrollHeight <= list.clientHeight) return;
  const below = open.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
  if (below > 0) list.scrollTop += below + list.clientHeight / 2;
})();
