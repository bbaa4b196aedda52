/* Small questions of the editor: dialogs that the page brings along, whose fields are never sent with the form. */

const values = (dialog) =>
  Object.fromEntries(
    [...dialog.querySelectorAll("[data-field]")]
      .filter((field) => field.type !== "radio" || field.checked)
      .map((field) => [field.dataset.field, field.type === "checkbox" ? field.checked : field.value.trim()]),
  );

const fill = (dialog, given) => {
  for (const field of dialog.querySelectorAll("[data-field]")) {
    if (field.type === "checkbox") field.checked = given[field.dataset.field];
    else if (field.type === "radio") field.checked = false;
    else field.value = given[field.dataset.field] ?? "";
  }
};

/* ask(name, given, isGood) shows a dialog of `box`; what was answered, or null. */
export const askWith = (box) => (name, given, isGood) =>
  new Promise((resolve) => {
    const dialog = box.querySelector(`dialog[data-ask=${name}]`);
    const problem = dialog.querySelector("[role=alert]");
    const controller = new AbortController();
    const { signal } = controller;
    const finish = (answer) => {
      controller.abort();
      dialog.close();
      resolve(answer);
    };
    const take = (more = {}) => {
      const found = { ...values(dialog), ...more };
      if (!isGood(found)) {
        if (problem) problem.hidden = false;
        return;
      }
      finish(found);
    };
    fill(dialog, given);
    if (problem) problem.hidden = true;
    dialog.addEventListener("close", () => finish(null), { signal }); // by the Escape key
    dialog.addEventListener("input", (event) => event.stopPropagation(), { signal }); // no change of the form
    dialog.addEventListener("change", (event) => event.stopPropagation(), { signal });
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.localName === "button" || event.isComposing) return;
      event.preventDefault();
      take();
    }, { signal });
    dialog.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.answer === "take") take();
      else if (button.dataset.answer === "clear") take(JSON.parse(button.dataset.clear));
      else if (button.dataset.pick) take(JSON.parse(button.dataset.pick));
      else finish(null);
    }, { signal });
    dialog.showModal();
  });
