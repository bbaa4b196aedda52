/* Keeps a run's page up to date while the run goes on. Without it, a link does. */
(() => {
  const panel = document.querySelector("[data-progress]");
  if (!panel) return;
  const status = document.querySelector("[data-told]");
  const EVERY = 1500; // milliseconds
  const TOLD_EVERY = 15000; // so that a screen reader is not talked over
  let told = 0;
  document.querySelector("[data-plain]")?.remove();

  // As a document: no string becomes markup here (Trusted Types), and nothing in it runs.
  function look() {
    const request = new XMLHttpRequest();
    request.open("GET", panel.dataset.progress);
    request.responseType = "document";
    request.onload = () => show(request);
    request.onloadend = () => setTimeout(look, EVERY); // the server may be away for a moment
    request.send();
  }

  function show(request) {
    const isThere = request.status === 200 && request.responseURL === new URL(panel.dataset.progress, location).href;
    if (!isThere || !request.response?.body) return; // such as the page for signing in
    if (request.getResponseHeader("X-State") !== panel.dataset.state) {
      location.reload();
      return;
    }
    if (!panel.contains(document.activeElement)) panel.replaceChildren(...request.response.body.childNodes);
    if (status && Date.now() - told > TOLD_EVERY) {
      told = Date.now();
      status.textContent = panel.querySelector(".run-told")?.textContent ?? "";
    }
  }

  setTimeout(look, EVERY);
})();
