/* What an editor can do to a text: each command takes the state of ProseMirror and hands on a transaction, or says no. */
import { commands as wrapped, pm } from "prose";

const { lift, setBlockType, toggleMark, wrapIn } = pm.commands;
const { Fragment } = pm.model;
const { canSplit } = pm.transform;
const { NodeSelection, Selection, TextSelection } = pm.state;
const tables = pm.tables;

const NOTE = /^note-(\d+)$/;

/* The innermost node of a kind around the selection: {node, pos, depth}, or null. */
export const around = (state, ...names) => {
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (names.includes(node.type.name)) return { node, pos: $from.before(depth), depth };
  }
  return null;
};

export const hasMark = (state, type) => {
  const { from, $from, to, empty } = state.selection;
  return empty ? !!type.isInSet(state.storedMarks || $from.marks()) : state.doc.rangeHasMark(from, to, type);
};

/* --- Words --- */

export const mark = (name) => (state, dispatch) => toggleMark(state.schema.marks[name])(state, dispatch);

/* The whole link around the cursor, or what is selected. */
export const linkAt = (state) => {
  const type = state.schema.marks.link;
  const { $from, from, to, empty } = state.selection;
  const found = type.isInSet($from.marks()) || (state.doc.nodeAt(from) && type.isInSet(state.doc.nodeAt(from).marks));
  if (!found) return { from, to, href: "", empty };
  let [start, end] = [from, to];
  $from.parent.forEach((child, offset) => {
    const begin = $from.start() + offset;
    if (found.isInSet(child.marks) && begin <= from && begin + child.nodeSize >= from) {
      start = Math.min(start, begin);
      end = Math.max(end, begin + child.nodeSize);
    }
  });
  return { from: start, to: end, href: found.attrs.href, empty: false };
};

export const link = (href) => (state, dispatch) => {
  const { from, to, empty } = linkAt(state);
  const type = state.schema.marks.link;
  const tr = state.tr.removeMark(from, to, type);
  if (href && empty) tr.insert(from, state.schema.text(href, [type.create({ href })]));
  else if (href) tr.addMark(from, to, type.create({ href }));
  tr.removeStoredMark(type);
  dispatch?.(tr.scrollIntoView());
  return true;
};

export const lineBreak = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(state.schema.nodes.break.create()).scrollIntoView());
  return true;
};

/* --- Blocks --- */

export const blockAs = (name) => (state, dispatch) => {
  const { nodes } = state.schema;
  if (name === "paragraph") return setBlockType(nodes.paragraph, { tagged: true })(state, dispatch);
  if (name === "pre") return setBlockType(nodes.pre)(state, dispatch);
  return setBlockType(nodes.heading, { level: Number(name.slice(1)) })(state, dispatch);
};

export const quote = (state, dispatch) =>
  around(state, "blockquote") ? lift(state, dispatch) : wrapIn(state.schema.nodes.blockquote)(state, dispatch);

/* A pull quote is a quotation in a figure of its own (its caption says whose words they are). */
export const pullQuoteAt = (state) => {
  const found = around(state, "figure");
  return found && found.node.firstChild.type.name === "blockquote" ? found : null;
};

export const pullQuote = (state, dispatch) => {
  const { figure, blockquote } = state.schema.nodes;
  const { tr } = state;
  const found = pullQuoteAt(state);
  if (found) {
    const said = found.node.firstChild.content;
    const caption = found.node.lastChild.type.name === "caption" && found.node.lastChild.content.size ? found.node.lastChild : null;
    const after = caption ? [state.schema.nodes.paragraph.create({ tagged: true }, caption.content)] : [];
    tr.replaceWith(found.pos, found.pos + found.node.nodeSize, said.append(Fragment.from(after)));
    tr.setSelection(Selection.near(tr.doc.resolve(found.pos + 1)));
  } else {
    const range = state.selection.$from.blockRange(state.selection.$to);
    if (!range || around(state, "figure", "table", "list", "blockquote")) return false;
    tr.wrap(range, [{ type: figure }, { type: blockquote }]);
  }
  dispatch?.(tr.scrollIntoView());
  return true;
};

export const rule = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(state.schema.nodes.rule.create()).scrollIntoView());
  return true;
};

const run = (command, state, dispatch) => command({ state, dispatch, tr: state.tr, commands: {}, chain: () => null, can: () => null });
export const outdent = (state, dispatch) => run(wrapped.liftListItem("item"), state, dispatch);
export const indent = (state, dispatch) => run(wrapped.sinkListItem("item"), state, dispatch);

export const list = (ordered) => (state, dispatch) => {
  const present = around(state, "list");
  if (present?.node.attrs.ordered === ordered) return outdent(state, dispatch);
  if (present) {
    dispatch?.(state.tr.setNodeMarkup(present.pos, null, { ordered, start: null }));
    return true;
  }
  return run(wrapped.wrapInList("list", { ordered }), state, dispatch);
};

/* Enter in an item makes the next one; in an empty item it leaves the list. */
export const splitItem = (state, dispatch) => {
  const { $from, $to } = state.selection;
  const { item, paragraph } = state.schema.nodes;
  if ($from.depth < 2 || !$from.sameParent($to) || $from.node(-1).type !== item) return false;
  if (!$from.parent.content.size && $from.node(-1).childCount === 1) return outdent(state, dispatch);
  const tr = state.tr.delete($from.pos, $to.pos);
  const after = [{ type: item }, { type: paragraph }];
  if (!canSplit(tr.doc, $from.pos, 2, after)) return false;
  dispatch?.(tr.split($from.pos, 2, after).scrollIntoView());
  return true;
};

/* Backspace at the beginning of a list takes its item out. */
export const leaveItem = (state, dispatch) => {
  const { $from, empty } = state.selection;
  const first = empty && !$from.parentOffset && $from.depth > 2 && $from.node(-1).type.name === "item";
  return first && $from.index(-1) === 0 && $from.index(-2) === 0 ? outdent(state, dispatch) : false;
};

/* --- Pictures --- */

export const insertFigure = ({ src, width, height, caption }) => (state, dispatch) => {
  const { figure, picture, caption: words } = state.schema.nodes;
  const told = caption ? state.schema.text(caption) : null;
  const node = figure.create(null, [picture.create({ src, alt: "", width, height }), words.create(null, told)]);
  const { $from } = state.selection;
  const at = $from.depth ? $from.after(1) : state.selection.to;
  const empty = $from.depth === 1 && !$from.parent.content.size && $from.parent.isTextblock;
  const tr = empty ? state.tr.replaceWith($from.before(1), at, node) : state.tr.insert(at, node);
  const start = empty ? $from.before(1) : at;
  dispatch?.(tr.setSelection(TextSelection.near(tr.doc.resolve(start + 3))).scrollIntoView());
  return true;
};

/* The picture that is chosen, or that stands in the figure around the cursor: {node, pos}, or null. */
export const pictureAt = (state) => {
  const { selection } = state;
  if (["picture", "image"].includes(selection.node?.type.name)) return { node: selection.node, pos: selection.from };
  const figure = selection.node?.type.name === "figure" ? { node: selection.node, pos: selection.from } : around(state, "figure");
  let found = null;
  figure?.node.forEach((child, offset) => {
    if (!found && child.type.name === "picture") found = { node: child, pos: figure.pos + 1 + offset };
  });
  return found;
};

export const describe = (alt) => (state, dispatch) => {
  const found = pictureAt(state);
  if (!found) return false;
  dispatch?.(state.tr.setNodeMarkup(found.pos, null, { ...found.node.attrs, alt }));
  return true;
};

export const editCaption = (state, dispatch) => {
  const found = pictureAt(state);
  if (!found || found.node.type.name !== "picture") return false;
  const $pos = state.doc.resolve(found.pos);
  const figure = $pos.parent;
  const end = $pos.end();
  const has = figure.lastChild.type.name === "caption";
  const tr = has ? state.tr : state.tr.insert(end, state.schema.nodes.caption.create());
  dispatch?.(tr.setSelection(Selection.near(tr.doc.resolve(has ? end - 1 : end + 1), -1)).scrollIntoView());
  return true;
};

export const removeFigure = (state, dispatch) => {
  const found = pictureAt(state);
  if (!found) return false;
  const $pos = state.doc.resolve(found.pos);
  const [from, to] = $pos.parent.type.name === "figure" ? [$pos.before(), $pos.after()] : [found.pos, found.pos + found.node.nodeSize];
  dispatch?.(state.tr.delete(from, to).scrollIntoView());
  return true;
};

/* Enter under a picture goes on below it. */
export const leaveCaption = (state, dispatch) => {
  const figure = around(state, "caption") && around(state, "figure");
  if (!figure) return false;
  const after = figure.pos + figure.node.nodeSize;
  const tr = state.tr.insert(after, state.schema.nodes.paragraph.create({ tagged: true }));
  dispatch?.(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView());
  return true;
};

/* --- Tables --- */

export const insertTable = (rows, columns, withHead) => (state, dispatch) => {
  const { table, row, cell, head } = state.schema.nodes;
  const cells = (type, attrs) => Array.from({ length: columns }, () => type.createAndFill(attrs));
  const made = Array.from({ length: rows }, (_, number) =>
    withHead && !number ? row.create({ part: "thead" }, cells(head, { scope: "col" })) : row.create(null, cells(cell)),
  );
  const tr = state.tr.replaceSelectionWith(table.create(null, made));
  const start = tr.mapping.map(state.selection.from, -1);
  dispatch?.(tr.setSelection(TextSelection.near(tr.doc.resolve(start + 1))).scrollIntoView());
  return true;
};

export const toggleHead = (state, dispatch) => {
  const table = around(state, "table");
  if (!table) return false;
  const { nodes } = state.schema;
  const first = table.node.firstChild;
  const isHead = first.firstChild?.type === nodes.head;
  const tr = state.tr.setNodeMarkup(table.pos + 1, null, { part: isHead ? "tbody" : "thead" });
  first.forEach(({ attrs }, offset) => {
    const { scope: _scope, ...rest } = attrs;
    tr.setNodeMarkup(table.pos + 2 + offset, isHead ? nodes.cell : nodes.head, isHead ? rest : { ...rest, scope: "col" });
  });
  dispatch?.(tr);
  return true;
};

export const captionTable = (caption) => (state, dispatch) => {
  const table = around(state, "table");
  if (!table) return false;
  dispatch?.(state.tr.setNodeMarkup(table.pos, null, { caption: caption || null }));
  return true;
};

export const TABLE = {
  "row-above": tables.addRowBefore,
  "row-below": tables.addRowAfter,
  "row-gone": tables.deleteRow,
  "column-before": tables.addColumnBefore,
  "column-after": tables.addColumnAfter,
  "column-gone": tables.deleteColumn,
  "cells-merge": tables.mergeCells,
  "cell-split": tables.splitCell,
  "table-head": toggleHead,
  "table-gone": tables.deleteTable,
};

/* --- Notes --- */

/* A number in the text that leads to words at its end, and from there back again. */
export const insertNote = (words) => (state, dispatch) => {
  const { schema, doc } = state;
  const { $from } = state.selection;
  const holder = around(state, "paragraph", "heading");
  if (!holder || holder.depth !== $from.depth) return false;
  let last = 0;
  doc.descendants((node) => {
    last = Math.max(last, Number(NOTE.exec(node.attrs.id || "")?.[1] || 0));
  });
  const number = last + 1;
  const item = holder.node.attrs.id ? null : `note-back-${number}`;
  const to = (href, ...marks) => [schema.marks.link.create({ href }), ...marks];
  const note = schema.nodes.paragraph.create({ id: `note-${number}`, tagged: true }, [
    schema.text(`[${number}]`, to(`#${holder.node.attrs.id || item}`)),
    schema.text(` ${words}`),
  ]);
  const tr = state.tr;
  const lastNode = doc.lastChild;
  const end = lastNode.type.name === "paragraph" && !lastNode.content.size && doc.childCount > 1 ? doc.content.size - lastNode.nodeSize : doc.content.size;
  tr.insert(end, note);
  if (item) tr.setNodeMarkup(holder.pos, null, { ...holder.node.attrs, id: item, ...(holder.node.type.name === "paragraph" && { tagged: true }) });
  tr.insert(state.selection.to, schema.text(`[${number}]`, to(`#note-${number}`, schema.marks.sup.create())));
  tr.setSelection(TextSelection.create(tr.doc, state.selection.to + `[${number}]`.length));
  dispatch?.(tr.setStoredMarks([]).scrollIntoView());
  return true;
};

export const chosen = (state) => state.selection instanceof NodeSelection;
