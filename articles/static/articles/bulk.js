/* Asks a running job how far it is (where there is no worker, asking does some of the work), and shows its end. */
(() => {
  const place = document.querySelector("[data-progress]");
  if (!place) return;
  const bar = place.querySelector("progress");
  const numbers = place.querySelector(".numbers");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const ask = async () => {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", token);
    try {
      const answer = await fetch(place.dataset.progress, {
        method: "POST",
        body: form,
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) return;
      const { active, done, total } = await answer.json();
      bar.value = done;
      numbers.textContent = `${done.toLocaleString()} / ${total.toLocaleString()}`;
      if (!active) {
        location.replace(location.href);
        return;
      }
    } catch {
      /* The network is away for a moment; the next question tells. */
    }
    setTimeout(ask, Number(place.dataset.wait));
  };
  ask();
})();
