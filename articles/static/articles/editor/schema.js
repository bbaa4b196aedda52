/* What a body may hold, as the sanitizing policy has it: the editor can write nothing else. */
import { pm } from "prose";

const { Schema } = pm.model;
const GOOD = /^(?:https?:\/\/[^/\\]|mailto:[^/]|#note-|\/(?![/\\]))/i;
const PICTURE = /^(?:https?:\/\/[^/\\]|\/(?![/\\]))/i;

export const isAddress = (text) => GOOD.test(text);

const given = (element, name) => element.getAttribute(name) || null;
const count = (element, name) => Math.max(1, Math.min(999, Number.parseInt(given(element, name), 10) || 1));
const noteId = (element) => (/^note-[\p{L}\p{N}_-]{1,80}$/u.test(element.id) ? element.id : null);
const set = (attributes) =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value !== ""));
const picture = (element) =>
  PICTURE.test(given(element, "src") || "")
    ? { src: given(element, "src"), alt: element.getAttribute("alt"), width: given(element, "width"), height: given(element, "height") }
    : false;
const alone = (element) => {
  const child = element.firstElementChild;
  return element.childNodes.length === 1 && child?.localName === "img" ? child : null;
};
const annotations = (element) =>
  [...element.childNodes].map((child) => [child.nodeType === 3 ? "" : child.localName, child.textContent]);

/* Pictures show the copy that is kept here; nobody's browser is sent to another site. */
const shown = (pictures, { src, alt }) => {
  const known = pictures.get(src);
  return known?.view
    ? ["img", { src: known.view, alt: alt || known.alt || "", draggable: "false" }]
    : ["span", { class: "editor-no-picture" }, known?.state || src];
};

const PICTURE_ATTRS = { src: {}, alt: { default: null }, width: { default: null }, height: { default: null } };
const CELL_ATTRS = { colspan: { default: 1 }, rowspan: { default: 1 }, colwidth: { default: null } };
const cell = (element) => ({ colspan: count(element, "colspan"), rowspan: count(element, "rowspan") });
const spans = ({ colspan, rowspan, scope }) =>
  set({ colspan: colspan > 1 ? colspan : null, rowspan: rowspan > 1 ? rowspan : null, scope: scope || null });

const nodes = (pictures) => ({
  doc: { content: "block+" },
  paragraph: {
    content: "inline*",
    group: "block",
    attrs: { id: { default: null }, tagged: { default: false } }, // tagged: it was written as <p>, not as bare words
    parseDOM: [{ tag: "p", getAttrs: (element) => ({ id: noteId(element), tagged: true }) }],
    toDOM: () => ["p", 0],
  },
  heading: {
    content: "inline*",
    group: "block",
    defining: true,
    attrs: { level: { default: 2 }, id: { default: null } },
    parseDOM: [1, 2, 3, 4, 5, 6].map((level) => ({
      tag: `h${level}`,
      getAttrs: (element) => ({ level: Math.min(4, Math.max(2, level)), id: noteId(element) }),
    })),
    toDOM: (node) => [`h${node.attrs.level}`, 0],
  },
  blockquote: {
    content: "block+",
    group: "block",
    defining: true,
    parseDOM: [{ tag: "blockquote" }],
    toDOM: () => ["blockquote", 0],
  },
  pre: {
    content: "inline*",
    group: "block",
    code: true,
    defining: true,
    parseDOM: [{ tag: "pre", preserveWhitespace: "full" }],
    toDOM: () => ["pre", 0],
  },
  list: {
    content: "item+",
    group: "block",
    attrs: { ordered: { default: false }, start: { default: null } },
    parseDOM: [
      { tag: "ul", getAttrs: () => ({ ordered: false }) },
      { tag: "ol", getAttrs: (element) => ({ ordered: true, start: given(element, "start") }) },
    ],
    toDOM: ({ attrs }) => [attrs.ordered ? "ol" : "ul", set({ start: attrs.start }), 0],
  },
  item: {
    content: "block+",
    defining: true,
    attrs: { id: { default: null } },
    parseDOM: [{ tag: "li", getAttrs: (element) => ({ id: noteId(element) }) }],
    toDOM: () => ["li", 0],
  },
  terms: { content: "(term | description)+", group: "block", parseDOM: [{ tag: "dl" }], toDOM: () => ["dl", 0] },
  term: { content: "inline*", defining: true, parseDOM: [{ tag: "dt" }], toDOM: () => ["dt", 0] },
  description: { content: "block+", defining: true, parseDOM: [{ tag: "dd" }], toDOM: () => ["dd", 0] },
  rule: { group: "block", parseDOM: [{ tag: "hr" }], toDOM: () => ["hr"] },
  figure: {
    content: "(picture | block)+ caption?",
    group: "block",
    isolating: true,
    draggable: true,
    parseDOM: [{ tag: "figure" }],
    toDOM: () => ["figure", 0],
  },
  picture: {
    atom: true,
    attrs: { ...PICTURE_ATTRS, href: { default: null } },
    parseDOM: [
      { tag: "img", context: "figure/", priority: 70, getAttrs: picture },
      {
        tag: "a[href]",
        context: "figure/",
        priority: 70,
        getAttrs: (element) => {
          const image = alone(element);
          const found = image && isAddress(given(element, "href")) && picture(image);
          return found ? { ...found, href: given(element, "href") } : false;
        },
      },
    ],
    toDOM: ({ attrs }) => ["div", { class: "editor-picture" }, shown(pictures, attrs)],
  },
  caption: {
    content: "inline*",
    defining: true,
    parseDOM: [{ tag: "figcaption" }],
    toDOM: () => ["figcaption", 0],
  },
  table: {
    content: "row+",
    group: "block",
    tableRole: "table",
    isolating: true,
    attrs: { caption: { default: null } }, // words only
    parseDOM: [
      { tag: "caption", ignore: true },
      { tag: "table", getAttrs: (element) => ({ caption: element.querySelector(":scope > caption")?.textContent || null }) },
    ],
    toDOM: ({ attrs }) => [
      "table",
      ...(attrs.caption ? [["caption", { contenteditable: "false" }, attrs.caption]] : []),
      ["tbody", 0],
    ],
  },
  row: {
    content: "(cell | head)*",
    tableRole: "row",
    attrs: { part: { default: "tbody" } },
    parseDOM: [{ tag: "tr", getAttrs: (element) => ({ part: element.parentNode?.localName || "tbody" }) }],
    toDOM: () => ["tr", 0],
  },
  cell: {
    content: "block+",
    tableRole: "cell",
    isolating: true,
    attrs: CELL_ATTRS,
    parseDOM: [{ tag: "td", getAttrs: cell }],
    toDOM: ({ attrs }) => ["td", spans(attrs), 0],
  },
  head: {
    content: "block+",
    tableRole: "header_cell",
    isolating: true,
    attrs: { ...CELL_ATTRS, scope: { default: null } },
    parseDOM: [{ tag: "th", getAttrs: (element) => ({ ...cell(element), scope: given(element, "scope") }) }],
    toDOM: ({ attrs }) => ["th", spans(attrs), 0],
  },
  /* A block that this editor cannot write without losing something stays as it is; no parser ever makes one. */
  kept: {
    group: "block",
    atom: true,
    attrs: { html: {} },
    toDOM: ({ attrs }) => ["pre", { class: "editor-kept", tabindex: "0" }, attrs.html],
  },
  text: { group: "inline" },
  break: {
    inline: true,
    group: "inline",
    selectable: false,
    linebreakReplacement: true,
    parseDOM: [{ tag: "br" }],
    toDOM: () => ["br"],
  },
  image: {
    inline: true,
    group: "inline",
    attrs: PICTURE_ATTRS,
    parseDOM: [{ tag: "img", getAttrs: picture }],
    toDOM: ({ attrs }) => ["span", { class: "editor-picture" }, shown(pictures, attrs)],
  },
  ruby: {
    inline: true,
    group: "inline",
    atom: true,
    attrs: { parts: {} }, // [element's name or "" for bare words, words]
    parseDOM: [{ tag: "ruby", getAttrs: (element) => ({ parts: annotations(element) }) }],
    toDOM: ({ attrs }) => ["ruby", ...attrs.parts.map(([name, words]) => (name === "rt" || name === "rp" ? [name, words] : ["span", words]))],
  },
});

/* Word processors say strong and emphasis in styles, which the editor's paste hands on as data. */
const styled = (pattern, tag) => ({
  tag,
  getAttrs: (element) => (pattern.test(element.dataset.style || "") ? null : false),
});
const unless = (pattern, tag) => ({
  tag,
  getAttrs: (element) => (pattern.test(element.dataset.style || "") ? false : null),
});
const HEAVY = /font-weight:\s*(?:bold|[6-9]00)/i;
const SLANTED = /font-style:\s*(?:italic|oblique)/i;
const mark = (name, ...others) => ({
  parseDOM: [name, ...others].map((tag) => ({ tag })),
  toDOM: () => [name, 0],
});

/* The order is that of nesting: a link goes around everything else. */
const marks = {
  link: {
    attrs: { href: {} },
    inclusive: false,
    parseDOM: [
      { tag: "a[href]", getAttrs: (element) => isAddress(given(element, "href")) && { href: given(element, "href") } },
    ],
    toDOM: ({ attrs }) => ["a", { href: attrs.href, rel: "noopener noreferrer" }, 0],
  },
  cite: mark("cite"),
  q: mark("q"),
  em: { ...mark("em"), parseDOM: [{ tag: "em" }, unless(/font-style:\s*normal/i, "i"), styled(SLANTED, "span[data-style]")] },
  strong: {
    ...mark("strong"),
    parseDOM: [{ tag: "strong" }, unless(/font-weight:\s*(?:normal|400)/i, "b"), styled(HEAVY, "span[data-style]")],
  },
  s: mark("s", "del", "strike"),
  sup: { ...mark("sup"), excludes: "sup sub" },
  sub: { ...mark("sub"), excludes: "sup sub" },
  code: mark("code"),
};

/* `pictures`: from the address in the text to {view, alt, state} of the copy here. */
export const schemaOf = (pictures) => new Schema({ nodes: nodes(pictures), marks });
