import type { ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import classes from "./markdown-body.module.css";
import { nestHeadings } from "./nest-headings.ts";

const components: Components = {
  a: ({ href, children }) => (
    <a href={href} rel="noopener noreferrer">
      {children}
    </a>
  ),
  // A picture from elsewhere would tell its server who reads this page, and when.
  img: ({ src, alt }) =>
    typeof src === "string" && src !== "" ? (
      <a href={src} rel="noopener noreferrer">
        {alt || "Picture"}
      </a>
    ) : null,
};

/** CommonMark without its HTML: react-markdown leaves HTML out, and lets only harmless schemes into links. */
export default function MarkdownBody({ text }: { readonly text: string }): ReactNode {
  return (
    <div className={classes.prose}>
      <ReactMarkdown components={components} rehypePlugins={[() => nestHeadings]} skipHtml>
        {text}
      </ReactMarkdown>
    </div>
  );
}
