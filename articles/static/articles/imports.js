/* Keeps a run's page up to date while the run goes on. Without it, a link does. */
(() => {
  const panel = document.querySelector("[data-progress]");
  if (!panel) return;
  const status = document.querySelector("[data-told]");
  const EVERY = 1500; // milliseconds
  const TOLD_EVERY = 15000; // so that a screen reader is not talked over
  let told = 0;
  document.querySelector("[data-plain]")?.remove();

  async function look() {
    try {
      const answer = await fetch(panel.dataset.progress, { credentials: "same-origin", redirect: "manual" });
      if (answer.ok) {
        if (answer.headers.get("X-State") !== panel.dataset.state) {
          location.reload();
          return;
        }
        const html = await answer.text();
        if (!panel.contains(document.activeElement)) panel.innerHTML = html;
        if (status && Date.now() - told > TOLD_EVERY) {
          told = Date.now();
          status.textContent = panel.querySelector(".run-told")?.textContent ?? "";
        }
      }
    } catch {
      // The server is away for a moment: look again.
    }
    setTimeout(look, EVERY);
  }
  setTimeout(look, EVERY);
})();
