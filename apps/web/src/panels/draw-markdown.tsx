/**
 * A text in Markdown as elements. Each kind of node that is known here becomes the element that is
 * written here, and everything else, HTML too, nothing at all: what an author writes can bring no
 * other element and no attribute.
 */
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { Fragment, createElement, type ReactNode } from "react";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { boundDepth } from "./bound-depth.ts";
import classes from "./markdown-body.module.css";
import { nestHeadings } from "./nest-headings.ts";
import { safeLink } from "./safe-link.ts";

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root["children"][number];
type Of<Type extends Node["type"]> = Extract<Node, { type: Type }>;

const parse = (text: string): Root => {
  const root = fromMarkdown(text, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  boundDepth(root);
  return root;
};

/** Everything in the tree that can be referred to, by its name. */
const gather = (
  root: Root,
): {
  readonly addresses: ReadonlyMap<string, string>;
  readonly notes: ReadonlyMap<string, Of<"footnoteDefinition">>;
} => {
  const addresses = new Map<string, string>();
  const notes = new Map<string, Of<"footnoteDefinition">>();
  const visit = (node: Node): void => {
    // The first of a name is the one that counts.
    if (node.type === "definition" && !addresses.has(node.identifier))
      addresses.set(node.identifier, node.url);
    if (node.type === "footnoteDefinition" && !notes.has(node.identifier))
      notes.set(node.identifier, node);
    if ("children" in node) node.children.forEach(visit);
  };
  root.children.forEach(visit);
  return { addresses, notes };
};

/** Leads to a footnote and back. */
const showPart = (id: string): void => {
  const part = document.getElementById(id);
  part?.scrollIntoView({ block: "nearest" });
  const target = part?.querySelector<HTMLElement>("a[href]") ?? part;
  target?.focus({ preventScroll: true });
};

/** A link to a place in the text: a mere fragment would hang on the document's base. */
const LinkWithin = ({
  to,
  id,
  label,
  children,
}: {
  readonly to: string;
  readonly id?: string;
  readonly label?: string;
  readonly children: ReactNode;
}): ReactNode => (
  <a
    id={id}
    href={`${window.location.pathname}${window.location.search}#${encodeURIComponent(to)}`}
    aria-label={label}
    onClick={(event) => {
      event.preventDefault();
      showPart(to);
    }}
  >
    {children}
  </a>
);

const fragmentOf = (address: string): string => {
  try {
    return decodeURIComponent(address.slice(1));
  } catch {
    return address.slice(1);
  }
};

const isLoose = (list: Of<"list">): boolean =>
  list.spread === true ||
  list.children.some(({ spread, children }) => spread ?? children.length > 1);

/** A text that is being drawn. */
interface Drawing {
  readonly addresses: ReadonlyMap<string, string>;
  readonly notes: ReadonlyMap<string, Of<"footnoteDefinition">>;
  readonly levelOf: ReturnType<typeof nestHeadings>;
  /** The notes that are referred to, in that order, and how often each is. */
  readonly referred: Map<string, number>;
  /** Begins every id in the text. */
  readonly prefix: string;
}

const idOfNote = ({ prefix }: Drawing, name: string): string => `${prefix}fn-${name}`;
const idOfReference = ({ prefix }: Drawing, name: string, time: number): string =>
  `${prefix}fnref-${name}${time > 1 ? `-${time}` : ""}`;

const drawAll = (drawing: Drawing, nodes: readonly Node[], isInLink = false): ReactNode[] =>
  nodes.map((node, index) => <Fragment key={index}>{draw(drawing, node, isInLink)}</Fragment>);

const drawLink = (address: string | undefined, children: ReactNode): ReactNode => {
  const href = address === undefined ? null : safeLink(address);
  if (href === null) return children;
  return href.startsWith("#") ? (
    <LinkWithin to={fragmentOf(href)}>{children}</LinkWithin>
  ) : (
    <a href={href} rel="noopener noreferrer">
      {children}
    </a>
  );
};

/** A picture from elsewhere would tell its server who reads this page, and when. */
const drawPicture = (
  address: string | undefined,
  alt: string | null | undefined,
  isInLink: boolean,
): ReactNode => {
  const words = alt || "Picture";
  return isInLink || !address ? words : drawLink(address, words);
};

const drawItem = (drawing: Drawing, item: Of<"listItem">, loose: boolean): ReactNode => {
  const task = typeof item.checked === "boolean" && (
    <>
      <span role="img" aria-label={item.checked ? "Done:" : "To do:"}>
        {item.checked ? "☑" : "☐"}
      </span>{" "}
    </>
  );
  const [first, ...rest] = item.children;
  const beginning = (
    <>
      {task}
      {first?.type === "paragraph"
        ? drawAll(drawing, first.children)
        : first && draw(drawing, first)}
    </>
  );
  return (
    <>
      {first?.type === "paragraph" && loose ? <p>{beginning}</p> : beginning}
      {rest.map((node, index) => (
        <Fragment key={index}>
          {node.type === "paragraph" && !loose
            ? drawAll(drawing, node.children)
            : draw(drawing, node)}
        </Fragment>
      ))}
    </>
  );
};

const drawList = (drawing: Drawing, list: Of<"list">): ReactNode => {
  const loose = isLoose(list);
  const items = list.children.map((item, index) => (
    <li key={index}>{drawItem(drawing, item, loose)}</li>
  ));
  if (list.ordered === true) return <ol start={list.start ?? 1}>{items}</ol>;
  const hasTasks = list.children.some(({ checked }) => typeof checked === "boolean");
  return <ul {...(hasTasks && { className: classes.tasks })}>{items}</ul>;
};

const drawRow = (
  drawing: Drawing,
  { children }: Of<"tableRow">,
  Cell: "th" | "td",
  align: Of<"table">["align"],
  columns: number,
): ReactNode => (
  <tr>
    {children.slice(0, columns).map((cell, column) => {
      const textAlign = align?.[column];
      return (
        <Cell key={column} {...(textAlign && { style: { textAlign } })}>
          {drawAll(drawing, cell.children)}
        </Cell>
      );
    })}
    {/* One for all that are missing: a few characters must not become millions of cells. */}
    {children.length < columns && <Cell colSpan={columns - children.length} />}
  </tr>
);

const drawTable = (drawing: Drawing, { children, align }: Of<"table">): ReactNode => {
  const [head, ...rows] = children;
  const columns = head?.children.length ?? 0;
  return (
    <div className={classes.table}>
      <ScrollRegion label="Table">
        <table>
          {head && <thead>{drawRow(drawing, head, "th", align, columns)}</thead>}
          {rows.length > 0 && (
            <tbody>
              {rows.map((row, index) => (
                <Fragment key={index}>{drawRow(drawing, row, "td", align, columns)}</Fragment>
              ))}
            </tbody>
          )}
        </table>
      </ScrollRegion>
    </div>
  );
};

const drawReference = (
  drawing: Drawing,
  { identifier: name }: Of<"footnoteReference">,
): ReactNode => {
  const { referred } = drawing;
  const time = (referred.get(name) ?? 0) + 1;
  referred.set(name, time);
  const number = [...referred.keys()].indexOf(name) + 1;
  return (
    <sup>
      <LinkWithin to={idOfNote(drawing, name)} id={idOfReference(drawing, name, time)}>
        {number}
      </LinkWithin>
    </sup>
  );
};

const draw = (drawing: Drawing, node: Node, isInLink = false): ReactNode => {
  const { addresses, levelOf } = drawing;
  switch (node.type) {
    case "text":
      return node.value;
    case "paragraph":
      return <p>{drawAll(drawing, node.children)}</p>;
    case "heading":
      return createElement(`h${levelOf(node.depth)}`, null, ...drawAll(drawing, node.children));
    case "emphasis":
      return <em>{drawAll(drawing, node.children, isInLink)}</em>;
    case "strong":
      return <strong>{drawAll(drawing, node.children, isInLink)}</strong>;
    case "delete":
      return <del>{drawAll(drawing, node.children, isInLink)}</del>;
    case "inlineCode":
      return <code>{node.value}</code>;
    case "code":
      return (
        <pre>
          <code>{node.value}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{drawAll(drawing, node.children)}</blockquote>;
    case "break":
      return <br />;
    case "thematicBreak":
      return <hr />;
    case "link":
      return drawLink(node.url, drawAll(drawing, node.children, true));
    case "linkReference":
      return drawLink(addresses.get(node.identifier), drawAll(drawing, node.children, true));
    case "image":
      return drawPicture(node.url, node.alt, isInLink);
    case "imageReference":
      return drawPicture(addresses.get(node.identifier), node.alt, isInLink);
    case "list":
      return drawList(drawing, node);
    case "table":
      return drawTable(drawing, node);
    case "footnoteReference":
      return drawReference(drawing, node);
    default:
      return null;
  }
};

const drawBackLinks = (drawing: Drawing, name: string, number: number): ReactNode[] =>
  Array.from({ length: drawing.referred.get(name) ?? 0 }, (_, index) => (
    <Fragment key={index}>
      {" "}
      <LinkWithin
        to={idOfReference(drawing, name, index + 1)}
        label={`Back to reference ${number}${index > 0 ? `-${index + 1}` : ""}`}
      >
        ↩{index > 0 && <sup>{index + 1}</sup>}
      </LinkWithin>
    </Fragment>
  ));

/** In the order in which they are referred to; a note may refer to others. */
const drawNotes = (drawing: Drawing): ReactNode => {
  const { notes, referred, levelOf } = drawing;
  if (referred.size === 0) return null;
  const heading = createElement(`h${levelOf(2)}`, { className: classes.notesHeading }, "Footnotes");
  const drawn: { readonly name: string; readonly parts: ReactNode[]; last: ReactNode }[] = [];
  // Grows while its notes are drawn, and a map goes on to what is added meanwhile.
  for (const name of referred.keys()) {
    const children = notes.get(name)?.children ?? [];
    const last = children.at(-1);
    const hasText = last?.type === "paragraph";
    drawn.push({
      name,
      parts: drawAll(drawing, hasText ? children.slice(0, -1) : children),
      last: hasText ? drawAll(drawing, last.children) : null,
    });
  }
  return (
    <section className={classes.notes}>
      {heading}
      <ol>
        {drawn.map(({ name, parts, last }, index) => (
          <li key={name} id={idOfNote(drawing, name)}>
            {parts}
            <p>
              {last}
              {drawBackLinks(drawing, name, index + 1)}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
};

/** @param prefix begins every id in the text, of which no other text on the page has one */
export const drawMarkdown = (text: string, prefix: string): ReactNode => {
  const root = parse(text);
  const drawing: Drawing = {
    ...gather(root),
    levelOf: nestHeadings(),
    referred: new Map(),
    prefix,
  };
  const body = drawAll(drawing, root.children);
  return (
    <>
      {body}
      {drawNotes(drawing)}
    </>
  );
};
