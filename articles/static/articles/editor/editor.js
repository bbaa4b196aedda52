/* The editor of a body: a page to write on over the textarea that is sent. Without script the textarea is all there is. */
import { pm } from "prose";
import * as commands from "desk/commands";
import { askWith } from "desk/dialogs";
import { Markup } from "desk/markup";
import { isAddress, schemaOf } from "desk/schema";

const { EditorState, Plugin, TextSelection } = pm.state;
const { EditorView } = pm.view;
const { keymap } = pm.keymap;
const { baseKeymap, chainCommands } = pm.commands;
const { history, redo, undo } = pm.history;

const CHARACTERS = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g;
const CALM = 300; // milliseconds without a key
const WORDS = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

/* A browser complains of styles and handlers even where they can do nothing. */
const SHEET = /<style[\s\S]*?(?:<\/style>|$)/gi;
const TAG = /<[a-z][^>]*>/gi;
const LOUD = /[\s/](style|on\w+)\s*=/gi;

const KEYS = {
  "Mod-b": commands.mark("strong"),
  "Mod-i": commands.mark("em"),
  "Mod-z": undo,
  "Mod-y": redo,
  "Shift-Mod-z": redo,
  "Shift-Enter": commands.lineBreak,
  "Mod-]": commands.indent,
  "Mod-[": commands.outdent,
  Tab: pm.tables.goToNextCell(1),
  "Shift-Tab": pm.tables.goToNextCell(-1),
  Backspace: commands.leaveItem,
  Enter: chainCommands(commands.splitItem, commands.leaveCaption),
};

/* There is always a line to go on writing after a picture or a table. */
const lastLine = new Plugin({
  appendTransaction: (_transactions, _before, { doc, schema, tr }) =>
    doc.lastChild.isTextblock || doc.lastChild.type.name === "list"
      ? null
      : tr.insert(doc.content.size, schema.nodes.paragraph.create({ tagged: true })).setMeta("addToHistory", false),
});

export class BodyEditor {
  constructor(box) {
    this.box = box;
    this.textarea = box.querySelector("textarea");
    this.bars = [...box.querySelectorAll("[role=toolbar]")];
    this.page = box.querySelector(".editor-page");
    this.original = this.textarea.value;
    const pictures = new Map(JSON.parse(box.dataset.pictures).map((one) => [one.src, one]));
    this.pictures = pictures;
    this.schema = schemaOf(pictures);
    this.ask = askWith(box);
    this.view = new EditorView(this.page, {
      state: EditorState.create({ schema: this.schema }),
      attributes: this.attributes(),
      dispatchTransaction: (transaction) => this.apply(transaction),
      transformPastedHTML: (html) => this.withoutStrangers(html),
    });
    this.listen();
    this.showAsText();
    box.bodyEditor = this;
  }

  attributes() {
    const label = this.box.closest(".form-row")?.querySelector(`label[for="${this.textarea.id}"]`);
    if (label) {
      label.id = `${this.textarea.id}-label`;
      label.addEventListener("click", () => !this.page.hidden && this.view.focus());
    }
    return {
      role: "textbox",
      "aria-multiline": "true",
      "aria-labelledby": `${this.textarea.id}-label`,
      lang: this.textarea.lang || "zh",
      class: "editor-words",
    };
  }

  /* --- Text and source --- */

  /* Show the text; when a part of it would be lost, the source stays and says why. */
  showAsText() {
    this.markup = new Markup(this.schema);
    const { doc, kept, exact } = this.markup.read(this.textarea.value);
    this.box.querySelector("[data-told=lossy]").hidden = exact;
    this.box.querySelector("[data-told=kept]").hidden = !exact || !kept;
    if (!exact) return this.show(false);
    const { tables } = pm;
    const plugins = [keymap(KEYS), keymap({ "Mod-k": () => this.do("link") }), keymap(baseKeymap), history(), tables.tableEditing(), lastLine];
    this.read = { doc, html: this.textarea.value };
    this.view.updateState(EditorState.create({ doc, plugins, selection: this.firstWords(doc) }));
    this.show(true);
    this.refresh();
    this.count();
    return true;
  }

  firstWords(doc) {
    let place = null;
    doc.descendants((node, position) => {
      if (place === null && node.type.name !== "caption" && node.isTextblock) place = position + 1;
      return place === null;
    });
    return place === null ? undefined : TextSelection.create(doc, place);
  }

  show(asText) {
    this.page.hidden = !asText;
    this.textarea.hidden = asText;
    for (const bar of this.bars) bar.classList.toggle("of-source", !asText);
    for (const control of this.controls()) {
      if (control.dataset.do !== "source") control.disabled = !asText;
      else control.setAttribute("aria-pressed", String(!asText));
    }
    this.bars[0].hidden = false;
    if (!asText) for (const bar of this.bars.slice(1)) bar.hidden = true;
  }

  source() {
    this.flush();
    if (this.page.hidden) {
      if (this.showAsText()) this.view.focus();
      else this.textarea.focus();
    } else {
      this.show(false);
      this.textarea.focus();
    }
    this.count();
  }

  /* --- Changes --- */

  apply(transaction) {
    this.view.updateState(this.view.state.apply(transaction));
    if (transaction.docChanged) {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.flush(), CALM);
    }
    this.refresh();
  }

  /* The textarea says what the page says: when the hands rest, and before anybody reads it. */
  flush() {
    if (!this.waiting) return;
    clearTimeout(this.waiting);
    this.waiting = null;
    const { doc } = this.view.state;
    const same = this.withoutLastLine(doc).eq(this.withoutLastLine(this.read.doc));
    this.textarea.value = same ? this.read.html : this.markup.write(doc);
    this.count();
  }

  withoutLastLine(doc) {
    const last = doc.lastChild;
    const isSpare = doc.childCount > 1 && last.type.name === "paragraph" && !last.content.size;
    return isSpare ? doc.cut(0, doc.content.size - last.nodeSize) : doc;
  }

  /* Of pasted pictures only those stay that the article has: no reader is sent to another site's. */
  withoutStrangers(html) {
    const quiet = html.replace(SHEET, "").replace(TAG, (tag) => tag.replace(LOUD, " data-$1="));
    const pasted = new DOMParser().parseFromString(quiet, "text/html");
    let strangers = 0;
    for (const image of pasted.querySelectorAll("img")) {
      if (this.pictures.has(image.getAttribute("src"))) continue;
      strangers += 1;
      const figure = image.closest("figure");
      image.remove();
      if (figure && !figure.querySelector("img, table, blockquote, pre")) figure.replaceWith(...figure.childNodes);
    }
    if (strangers) this.tell("strangers");
    return pasted.body.innerHTML;
  }

  tell(name) {
    const notice = this.box.querySelector(`[data-told=${name}]`);
    notice.hidden = false;
    setTimeout(() => {
      notice.hidden = true;
    }, 12000);
  }

  /* --- The bars --- */

  controls() {
    return this.bars.flatMap((bar) => [...bar.querySelectorAll("[data-do]")]);
  }

  listen() {
    for (const control of this.controls()) {
      if (control.localName === "select") control.addEventListener("change", () => this.do("block", control.value));
      else {
        control.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
        control.addEventListener("click", () => this.do(control.dataset.do));
      }
    }
    for (const bar of this.bars) bar.addEventListener("keydown", (event) => this.walk(event, bar));
    this.textarea.addEventListener("input", () => this.count());
    this.textarea.form.addEventListener("formdata", (event) => {
      this.flush();
      if (event.formData.has(this.textarea.name)) event.formData.set(this.textarea.name, this.textarea.value);
    });
    this.textarea.form.addEventListener("reset", () => setTimeout(() => this.showAsText()));
    for (const bar of this.bars) this.rove(bar, bar.querySelector("[data-do]"));
  }

  rove(bar, chosen) {
    for (const control of bar.querySelectorAll("[data-do]")) control.tabIndex = control === chosen ? 0 : -1;
  }

  /* A bar is one stop of the Tab key; arrows go along it. */
  walk(event, bar) {
    const open = [...bar.querySelectorAll("[data-do]")].filter((control) => !control.disabled);
    const at = open.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: open.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = open.at(to % open.length);
    this.rove(bar, next);
    next.focus();
  }

  async do(name, value) {
    const { state } = this.view;
    if (name === "source") return this.source();
    const command = await this.command(name, value, state);
    const { doc, selection, tr } = this.view.state;
    if (doc === state.doc && !selection.eq(state.selection)) this.view.dispatch(tr.setSelection(state.selection));
    command?.(this.view.state, this.view.dispatch);
    this.view.focus();
    return true;
  }

  /* The command behind a control; null when a question was not answered. */
  async command(name, value, state) {
    if (name in commands.TABLE) return commands.TABLE[name];
    const table = commands.around(state, "table");
    switch (name) {
      case "block": return commands.blockAs(value);
      case "quote": return commands.quote;
      case "pull-quote": return commands.pullQuote;
      case "bullets": return commands.list(false);
      case "numbers": return commands.list(true);
      case "indent": return commands.indent;
      case "outdent": return commands.outdent;
      case "rule": return commands.rule;
      case "undo": return undo;
      case "redo": return redo;
      case "caption": return commands.editCaption;
      case "picture-gone": return commands.removeFigure;
      case "link": {
        const found = await this.ask("link", { href: commands.linkAt(state).href }, ({ href }) => !href || isAddress(href));
        return found && commands.link(found.href);
      }
      case "note": {
        const found = await this.ask("note", { words: "" }, ({ words }) => !!words);
        return found && commands.insertNote(found.words);
      }
      case "table": {
        const found = await this.ask("table", { rows: "3", columns: "3", head: true }, ({ rows, columns }) => rows > 0 && rows <= 100 && columns > 0 && columns <= 20);
        return found && commands.insertTable(Number(found.rows), Number(found.columns), found.head);
      }
      case "table-caption": {
        const found = await this.ask("table-caption", { caption: table?.node.attrs.caption || "" }, () => true);
        return found && commands.captionTable(found.caption);
      }
      case "alt": {
        const found = await this.ask("alt", { alt: commands.pictureAt(state)?.node.attrs.alt || "" }, () => true);
        return found && commands.describe(found.alt);
      }
      case "picture": {
        const found = await this.ask("picture", { src: "" }, ({ src }) => this.pictures.has(src));
        return found && commands.insertFigure(this.pictures.get(found.src));
      }
      default: return commands.mark(name);
    }
  }

  refresh() {
    const { state } = this.view;
    const inTable = !!commands.around(state, "table");
    const onPicture = !!commands.pictureAt(state);
    for (const bar of this.bars) {
      if (bar.dataset.for === "table") bar.hidden = !inTable || this.page.hidden;
      if (bar.dataset.for === "picture") bar.hidden = !onPicture || this.page.hidden;
    }
    const block = commands.around(state, "heading", "pre");
    const pressed = {
      quote: !!commands.around(state, "blockquote") && !commands.pullQuoteAt(state),
      "pull-quote": !!commands.pullQuoteAt(state),
      bullets: commands.around(state, "list")?.node.attrs.ordered === false,
      numbers: commands.around(state, "list")?.node.attrs.ordered === true,
    };
    for (const control of this.controls()) {
      const name = control.dataset.do;
      const type = this.schema.marks[name];
      if (control.localName === "select") control.value = block?.node.type.name === "heading" ? `h${block.node.attrs.level}` : block ? "pre" : "paragraph";
      else if (type || name in pressed) control.setAttribute("aria-pressed", String(type ? commands.hasMark(state, type) : pressed[name]));
    }
  }

  count() {
    const told = this.box.querySelector("[data-count]");
    const text = this.page.hidden ? this.textarea.value.replace(/<[^>]*>/g, " ") : this.view.state.doc.textBetween(0, this.view.state.doc.content.size, " ", " ");
    const characters = (text.match(CHARACTERS) || []).length;
    const words = (text.replace(CHARACTERS, " ").match(WORDS) || []).length;
    told.textContent = told.dataset.count.replace("%c", characters.toLocaleString()).replace("%w", words.toLocaleString());
  }
}

for (const box of document.querySelectorAll("[data-editor]")) new BodyEditor(box);
