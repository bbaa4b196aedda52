/* From stored HTML to a document and back: what nobody touched comes out byte for byte, what the schema cannot say is kept. */
import { pm } from "prose";

const { DOMParser: Reader, Fragment } = pm.model;
const VOID = new Set(["br", "hr", "img"]);
const SPACES = /[ \t\r\n\f]+/g;
const REL = "noopener noreferrer";

const escape = (text) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\u00a0/g, "&nbsp;");
const escapeValue = (text) => String(text).replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const open = (name, attributes = {}) =>
  `<${name}${Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeValue(value)}"`)
    .join("")}>`;
const wrap = (name, inside, attributes) => `${open(name, attributes)}${VOID.has(name) ? "" : `${inside}</${name}>`}`;

/* --- Writing --- */

const MARKS = { link: ["a", (mark) => ({ href: mark.attrs.href, rel: REL })] };

const inline = (node) => {
  if (node.isText) return escape(node.text);
  if (node.type.name === "break") return "<br>";
  if (node.type.name === "image") return wrap("img", "", node.attrs);
  return wrap("ruby", node.attrs.parts.map(([name, words]) => (name ? wrap(name, escape(words)) : escape(words))).join(""));
};

/* Neighbours that share a mark share its element. */
const line = (parent) => {
  const pieces = [];
  const openMarks = [];
  parent.forEach((node) => {
    let same = 0;
    while (same < openMarks.length && same < node.marks.length && openMarks[same].eq(node.marks[same])) same += 1;
    while (openMarks.length > same) pieces.push(`</${elementOf(openMarks.pop())}>`);
    for (const mark of node.marks.slice(same)) {
      pieces.push(open(elementOf(mark), MARKS[mark.type.name]?.[1](mark)));
      openMarks.push(mark);
    }
    pieces.push(inline(node));
  });
  while (openMarks.length) pieces.push(`</${elementOf(openMarks.pop())}>`);
  return pieces.join("");
};
const elementOf = (mark) => MARKS[mark.type.name]?.[0] || mark.type.name;

const isParagraph = (node) => !!node && node.type.name === "paragraph";
const BARE_IN = new Set(["item", "cell", "head", "description", "figure"]);

const blocks = (parent) => {
  const written = [];
  parent.forEach((node, _offset, index) => {
    const near = [index && parent.child(index - 1), index + 1 < parent.childCount && parent.child(index + 1)];
    const bare = isParagraph(node) && !node.attrs.tagged && BARE_IN.has(parent.type.name) && !near.some(isParagraph);
    written.push(bare ? line(node) : block(node));
  });
  return written.join("");
};

/* Heading rows stand first and closing rows last, wherever a row was put in or taken out. */
const partOf = (table, index) => {
  const wanted = table.child(index).attrs.part;
  const [from, to] = { thead: [0, index], tfoot: [index, table.childCount] }[wanted] || [0, 0];
  for (let near = from; near < to; near += 1) if (table.child(near).attrs.part !== wanted) return "tbody";
  return wanted;
};

const rows = (table) => {
  const parts = [];
  table.forEach((row, _offset, index) => {
    const part = partOf(table, index);
    if (parts.at(-1)?.name !== part) parts.push({ name: part, rows: [] });
    parts.at(-1).rows.push(wrap("tr", blocks(row)));
  });
  return parts.map(({ name, rows: inside }) => wrap(name, inside.join(""))).join("");
};

const span = (number) => (number > 1 ? number : null);
const spans = ({ colspan, rowspan, scope }) => ({ colspan: span(colspan), rowspan: span(rowspan), scope: scope || null });

const WRITERS = {
  paragraph: (node) => wrap("p", line(node), { id: node.attrs.id }),
  heading: (node) => wrap(`h${node.attrs.level}`, line(node), { id: node.attrs.id }),
  blockquote: (node) => wrap("blockquote", blocks(node)),
  pre: (node) => wrap("pre", line(node)),
  list: (node) => wrap(node.attrs.ordered ? "ol" : "ul", blocks(node), { start: node.attrs.start }),
  item: (node) => wrap("li", blocks(node), { id: node.attrs.id }),
  terms: (node) => wrap("dl", blocks(node)),
  term: (node) => wrap("dt", line(node)),
  description: (node) => wrap("dd", blocks(node)),
  rule: () => "<hr>",
  figure: (node) => wrap("figure", blocks(node)),
  picture: ({ attrs: { href, ...attrs } }) => {
    const image = wrap("img", "", attrs);
    return href ? wrap("a", image, { href, rel: REL }) : image;
  },
  caption: (node) => (node.content.size ? wrap("figcaption", line(node)) : ""),
  table: (node) => wrap("table", `${node.attrs.caption ? wrap("caption", escape(node.attrs.caption)) : ""}${rows(node)}`),
  row: (node) => wrap("tr", blocks(node)),
  cell: (node) => wrap("td", blocks(node), spans(node.attrs)),
  head: (node) => wrap("th", blocks(node), spans(node.attrs)),
  kept: (node) => node.attrs.html,
};
const block = (node) => WRITERS[node.type.name](node);

const isEmpty = (node) => isParagraph(node) && !node.content.size;

/* --- Reading --- */

/* All that a piece says: its words with the elements around them, whatever the order in which inline ones nest. */
const MEANING = { b: "strong", i: "em" };
const INLINE = new Set(["a", "em", "strong", "s", "sub", "sup", "code", "cite", "q"]);
const label = (element) => {
  const attributes = [...element.attributes]
    .filter(({ name, value }) => name !== "rel" && !(/^(?:col|row)span$/.test(name) && value === "1"))
    .map(({ name, value }) => `${name}=${value}`)
    .sort();
  return [MEANING[element.localName] || element.localName, ...attributes].join(" ");
};

const meaning = (root) => {
  const told = [];
  const say = (key, words) => {
    const last = told.at(-1);
    if (last?.key === key && words !== null && last.words !== null) last.words += words;
    else told.push({ key, words });
  };
  const walk = (node, path, around, verbatim) => {
    let number = 0;
    for (const child of node.childNodes) {
      if (child.nodeType === 3) {
        const words = verbatim ? child.data : child.data.replace(SPACES, " ");
        say(`${path} | ${[...new Set(around)].sort().join(", ")}`, words);
      } else if (child.nodeType !== 1) {
        continue;
      } else if (child.localName === "a" && !child.hasAttribute("href")) {
        walk(child, path, around, verbatim); // leads nowhere
      } else if (INLINE.has(child.localName)) {
        walk(child, path, [...around, label(child)], verbatim);
      } else {
        const place = `${path}/${number} ${label(child)}`;
        number += 1;
        say(place, null);
        walk(child, place, around, verbatim || child.localName === "pre");
      }
    }
  };
  walk(root, "", [], false);
  return told.filter(({ words }) => words === null || words.trim()).map(({ key, words }) => `${key}: ${words?.trim()}`);
};

const dom = (html) => new DOMParser().parseFromString(`<!doctype html><body>${html}`, "text/html").body;

const sameMeaning = (one, other) => {
  const [before, after] = [meaning(one), meaning(other)];
  return before.length === after.length && before.every((told, index) => told === after[index]);
};

export class Markup {
  constructor(schema) {
    this.schema = schema;
    this.reader = Reader.fromSchema(schema);
    this.written = new WeakMap(); // a node that nobody has touched: its HTML as it was stored
  }

  /* A document for stored HTML; `kept` says how many of its blocks can only be changed as HTML. */
  read(html) {
    const body = dom(html);
    const found = [];
    let kept = 0;
    const outside = [...body.childNodes].some((node) => node.nodeType !== 1 && node.textContent.trim());
    for (const element of [...body.childNodes]) {
      if (element.nodeType !== 1) continue;
      const nodes = this.nodesOf(element);
      if (!nodes) kept += 1;
      for (const node of nodes || [this.schema.nodes.kept.create({ html: element.outerHTML })]) found.push(node);
      if (nodes?.length === 1) this.written.set(nodes[0], element.outerHTML);
    }
    if (!found.length) found.push(this.schema.nodes.paragraph.create({ tagged: true }));
    const doc = this.schema.nodes.doc.create(null, Fragment.from(found));
    const exact = !outside; // words outside any block are only safe in the source
    return { doc, kept, exact };
  }

  nodesOf(element) {
    const box = element.ownerDocument.createElement("div");
    box.append(element.cloneNode(true));
    let content;
    try {
      content = this.reader.parse(box).content;
    } catch {
      return null;
    }
    const nodes = [];
    content.forEach((node) => nodes.push(node));
    const again = dom(nodes.map(block).join(""));
    return sameMeaning(box, again) ? nodes : null;
  }

  write(doc) {
    if (doc.childCount === 1 && isEmpty(doc.firstChild)) return "";
    const pieces = [];
    doc.forEach((node, _offset, index) => {
      const untouched = this.written.get(node);
      if (untouched !== undefined) pieces.push(untouched);
      else if (!isEmpty(node) || index < doc.childCount - 1) pieces.push(block(node));
    });
    return pieces.join("");
  }
}
