import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { useId, type MouseEvent, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import { ScrollRegion } from "../../ui/scroll-region.tsx";
import { boundDepth } from "./bound-depth.ts";
import classes from "./markdown-body.module.css";
import { nestHeadings } from "./nest-headings.ts";

/** What GitHub adds to CommonMark, for reading: `remark-gfm` brings its writing too, a seventh of all this code. */
function readGfm(this: { data(): object }): void {
  const data = this.data() as Record<string, unknown[] | undefined>;
  (data["micromarkExtensions"] ??= []).push(gfm());
  (data["fromMarkdownExtensions"] ??= []).push(gfmFromMarkdown());
}

/** Leads to a footnote and back. */
const showPart = (id: string): void => {
  const part = document.getElementById(decodeURIComponent(id));
  part?.scrollIntoView({ block: "nearest" });
  const target = part?.querySelector<HTMLElement>("a[href]") ?? part;
  target?.focus({ preventScroll: true });
};

/** The heading of the footnotes is called the same in every text: two panels would have one id twice. */
const forgetFootnoteLabel = (tree: Node): void => {
  visitAll(tree, (node) => {
    if (node.properties?.["id"] === "footnote-label") delete node.properties["id"];
    delete node.properties?.["ariaDescribedBy"];
  });
};

interface Node {
  readonly properties?: Record<string, unknown>;
  readonly children?: readonly Node[];
}
const visitAll = (node: Node, visit: (node: Node) => void): void => {
  visit(node);
  for (const child of node.children ?? []) visitAll(child, visit);
};

const components: Components = {
  a: ({ href = "", id, children, ...props }) => {
    const isWithin = href.startsWith("#");
    return (
      <a
        // A mere fragment would hang on the document's base.
        href={isWithin ? `${window.location.pathname}${window.location.search}${href}` : href}
        id={id}
        rel="noopener noreferrer"
        aria-label={props["aria-label"]}
        {...(isWithin && {
          onClick: (event: MouseEvent) => {
            event.preventDefault();
            showPart(href.slice(1));
          },
        })}
      >
        {children}
      </a>
    );
  },
  // A picture from elsewhere would tell its server who reads this page, and when.
  img: ({ src, alt }) =>
    typeof src === "string" && src !== "" ? (
      <a href={src} rel="noopener noreferrer">
        {alt || "Picture"}
      </a>
    ) : null,
  table: ({ children }) => (
    <div className={classes.table}>
      <ScrollRegion label="Table">
        <table>{children}</table>
      </ScrollRegion>
    </div>
  ),
  input: ({ checked }) => (
    <span className={classes.task} role="img" aria-label={checked ? "Done:" : "To do:"}>
      {checked ? "☑" : "☐"}
    </span>
  ),
};

/** CommonMark and what GitHub adds to it, without HTML: react-markdown leaves HTML out, and lets only harmless schemes into links. */
export function MarkdownBody({ text }: { readonly text: string }): ReactNode {
  // Two panels may have footnotes of one name.
  const prefix = `text${useId().replaceAll(/[^\w-]/g, "")}-`;
  return (
    <div className={classes.prose}>
      <ReactMarkdown
        components={components}
        remarkPlugins={[readGfm, () => boundDepth]}
        remarkRehypeOptions={{ clobberPrefix: prefix }}
        rehypePlugins={[() => nestHeadings, () => forgetFootnoteLabel]}
        skipHtml
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
