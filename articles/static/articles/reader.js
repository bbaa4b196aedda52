/* What a reader may choose: colours, size of text, how to pass an article on. Kept in this browser, sent nowhere.
   Without script nothing of it is shown, and nothing is missing. */
(() => {
  const root = document.documentElement;
  const choices = { colours: ["light", "dark"], size: ["small", "large", "largest"] };

  const chosen = (name) => {
    try { return localStorage.getItem(name); } catch { return null; }
  };
  const keep = (name, value) => {
    try { value ? localStorage.setItem(name, value) : localStorage.removeItem(name); } catch { /* not allowed: for this page only */ }
  };
  const apply = (name, value) => {
    if (choices[name].includes(value)) root.dataset[name] = value;
    else delete root.dataset[name];
  };
  for (const name of Object.keys(choices)) apply(name, chosen(name));
  /* Said before anything is painted, so that nothing moves when the tools come. */
  root.dataset.script = "";
  if (!navigator.share) root.dataset.cannotShare = "";
  if (!navigator.clipboard) root.dataset.cannotCopy = "";

  const share = (button) => navigator.share({ title: button.dataset.title, url: button.dataset.share }).catch(() => {});
  const copy = async (button) => {
    const status = button.parentElement.querySelector("[role=status]");
    await navigator.clipboard.writeText(button.dataset.copy);
    status.textContent = button.dataset.done;
    setTimeout(() => { status.textContent = ""; }, 4000);
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const select of document.querySelectorAll("select[data-choice]")) {
      const name = select.dataset.choice;
      select.value = root.dataset[name] ?? "";
      select.addEventListener("change", () => { keep(name, select.value); apply(name, select.value); });
    }
    for (const [kind, deed] of Object.entries({ share, copy })) {
      for (const button of document.querySelectorAll(`[data-${kind}]`)) button.addEventListener("click", () => deed(button));
    }
  });
})();
