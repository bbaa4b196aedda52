/* An open article says so every half minute, and shows who else has it open. Without script the notice is as old as the page. */
(() => {
  const panel = document.querySelector("[data-presence]");
  if (!panel) return;
  const notice = panel.querySelector(".others");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const words = (entries) => {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", token);
    for (const [name, value] of entries) form.append(name, value);
    return form;
  };
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(panel.dataset.presence, { method: "POST", body: words([]) });
      if (!answer.ok) return;
      const { others } = await answer.json();
      notice.hidden = !others.length;
      notice.textContent = `${notice.dataset.words} ${others.join(", ")}`;
    } catch {
      /* The network is away for a moment; the next question tells. */
    }
  };
  setInterval(ask, 30000);
  document.addEventListener("visibilitychange", ask);
  addEventListener("pagehide", () => navigator.sendBeacon(panel.dataset.presence, words([["left", "1"]])));
})();

/* Alt and Enter take the first proposed tag, wherever somebody is typing. */
(() => {
  const first = document.querySelector("[data-first-proposal]");
  if (!first) return;
  const take = (event) => {
    if (event.key !== "Enter" || !event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    first.click();
  };
  document.addEventListener("keydown", take, { capture: true });
})();
