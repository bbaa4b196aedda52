/* What is typed is kept every few seconds, on the server or, when it is away, in this browser; and shown in the live preview. */

const EVERY = 4000; // milliseconds
const NOT_TYPED = new Set(["csrfmiddlewaretoken", "_page", "_note"]);

class Keeper {
  constructor(place) {
    this.address = place.dataset.unsaved;
    this.login = place.dataset.login;
    this.page = place.querySelector("[name=_page]").value;
    this.prefix = `unsaved:${place.dataset.user}:${this.address}:`;
    this.form = place.closest("form");
    this.token = this.form.querySelector("[name=csrfmiddlewaretoken]");
    this.told = document.querySelector(".writing-kept");
    this.problem = document.querySelector(".writing-problem");
    this.preview = new Preview(this);
    this.busy = null;
    this.saving = false;
    this.leaving = false;
  }

  start() {
    this.first = this.seen = this.typed();
    this.form.addEventListener("submit", (event) => this.submit(event));
    setInterval(() => this.check(), EVERY);
    document.addEventListener("visibilitychange", () => document.hidden && this.check());
    addEventListener("pagehide", () => this.leave());
    addEventListener("beforeunload", (event) => {
      if (!this.leaving && this.isChanged() && !this.problem.hidden) event.preventDefault();
    });
    this.bringBack();
  }

  entries() {
    return [...new FormData(this.form)].filter(([name, value]) => !NOT_TYPED.has(name) && typeof value === "string");
  }

  typed() {
    return JSON.stringify(this.entries());
  }

  isChanged() {
    return this.typed() !== this.seen;
  }

  check() {
    return this.isChanged() && !this.leaving ? this.keep() : null;
  }

  body(entries = this.entries(), page = this.page) {
    const sent = new URLSearchParams(entries);
    sent.append("_page", page);
    sent.append("csrfmiddlewaretoken", this.token.value);
    return sent;
  }

  /* One request at a time; true when the server has it. */
  keep() {
    this.busy ||= this.send().finally(() => {
      this.busy = null;
    });
    return this.busy;
  }

  async send() {
    const typed = this.typed();
    const answer = await this.post(this.body());
    if (answer?.ok) {
      this.seen = typed;
      localStorage.removeItem(this.prefix + this.page);
      this.problem.hidden = true;
      if (typed !== this.first) this.told.textContent = this.told.dataset.keptWords.replace("%t", new Date().toLocaleTimeString());
      if (!this.saving) this.preview.show((await answer.json()).preview);
      return true;
    }
    try {
      localStorage.setItem(this.prefix + this.page, typed);
    } catch {
      /* This browser keeps nothing either; the page itself still has the words. */
    }
    this.complain(answer);
    return false;
  }

  /* The answer, or null when the server is away; a token that a new sign-in has made stale is replaced once. */
  async post(body) {
    const ask = (method, sent) => fetch(this.address, { method, body: sent, redirect: "manual", credentials: "same-origin" });
    try {
      const answer = await ask("POST", body);
      if (answer.status !== 403) return answer;
      const fresh = await ask("GET");
      if (!fresh.ok) return fresh;
      this.token.value = (await fresh.json()).token;
      body.set("csrfmiddlewaretoken", this.token.value);
      return await ask("POST", body);
    } catch {
      return null;
    }
  }

  async complain(answer) {
    const { dataset } = this.problem;
    this.problem.hidden = false;
    if (answer?.status === 409) {
      this.problem.textContent = (await answer.json()).refused;
    } else if (answer && (answer.type === "opaqueredirect" || answer.status === 403)) {
      const link = Object.assign(document.createElement("a"), { href: this.login, target: "_blank", textContent: dataset.signIn });
      this.problem.replaceChildren(`${dataset.signedOut} `, link);
    } else {
      this.problem.textContent = dataset.away;
    }
  }

  /* A save is sent when the server is there and still knows who asks: nothing typed goes into a sign-in page. */
  async submit(event) {
    if (this.leaving || event.defaultPrevented) return;
    const button = event.submitter;
    event.preventDefault();
    await this.busy;
    this.saving = true;
    const kept = await this.keep();
    this.saving = false;
    if (!kept) {
      this.problem.scrollIntoView({ block: "nearest" });
      return;
    }
    this.leaving = true;
    this.form.requestSubmit(button);
    setTimeout(() => {
      this.leaving = false;
    }, 8000);
  }

  leave() {
    if (!this.leaving && this.isChanged()) navigator.sendBeacon(this.address, this.body());
  }

  /* What this browser kept while the server was away is handed over, and then offered like the rest. */
  async bringBack() {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix));
    let number = 0;
    for (const name of names) {
      const page = name.slice(this.prefix.length);
      const answer = await this.post(this.body(JSON.parse(localStorage.getItem(name)), page));
      if (!answer?.ok) continue;
      localStorage.removeItem(name);
      number += 1;
    }
    if (number && !this.isChanged()) location.reload();
  }
}

class Preview {
  constructor(keeper) {
    this.keeper = keeper;
    this.dialog = document.querySelector("[data-preview]");
    this.opener = document.querySelector("[data-preview-open]");
    if (!this.dialog || !this.opener) return;
    this.frame = this.dialog.querySelector("iframe");
    this.opener.hidden = false;
    this.opener.addEventListener("click", () => this.open());
    this.dialog.querySelector("[data-preview-close]").addEventListener("click", () => this.close());
    for (const button of this.dialog.querySelectorAll("[data-width]")) button.addEventListener("click", () => this.widen(Number(button.dataset.width)));
    this.dialog.addEventListener("close", () => this.opener.focus());
    new ResizeObserver(() => this.fit()).observe(this.dialog.querySelector(".live-preview-frame"));
    this.width = 390;
  }

  async open() {
    if (!this.dialog.open) this.dialog.show();
    this.dialog.scrollIntoView({ block: "nearest" });
    this.widen(innerWidth < 1024 ? 390 : this.width);
    this.waits = true;
    await this.keeper.keep();
  }

  close() {
    this.dialog.close();
  }

  show(address) {
    if (!this.dialog?.open || !address) return;
    const shown = this.frame.contentWindow;
    if (this.frame.getAttribute("src") && !this.waits) {
      shown.location.reload();
    } else {
      this.frame.src = address;
      this.waits = false;
    }
  }

  /* A telephone fits beside the form; a desktop takes the window. */
  widen(width) {
    this.width = width;
    for (const button of this.dialog.querySelectorAll("[data-width]")) button.setAttribute("aria-pressed", String(Number(button.dataset.width) === width));
    const large = width > 390;
    if (this.dialog.classList.contains("large") !== large) {
      this.dialog.classList.toggle("large", large);
      const close = (event) => event.stopImmediatePropagation();
      this.dialog.addEventListener("close", close, { once: true, capture: true });
      this.dialog.close();
      if (large) this.dialog.showModal();
      else this.dialog.show();
    }
    this.fit();
  }

  fit() {
    const box = this.frame.parentElement;
    const scale = Math.min(1, box.clientWidth / this.width);
    this.frame.style.inlineSize = `${this.width}px`;
    this.frame.style.blockSize = `${box.clientHeight / scale}px`;
    this.frame.style.scale = String(scale);
  }
}

/* The original is fetched when somebody wants to see it. */
const original = document.querySelector("[data-original]");
original?.addEventListener("toggle", async () => {
  const place = original.querySelector("[aria-live]");
  if (!original.open || place.dataset.filled) return;
  const answer = await fetch(original.dataset.original);
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...page.body.childNodes);
  place.dataset.filled = "yes";
});

const place = document.querySelector("[data-unsaved]");
if (place) new Keeper(place).start();
