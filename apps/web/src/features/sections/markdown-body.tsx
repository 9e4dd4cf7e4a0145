import type { ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import classes from "./markdown-body.module.css";

// The page has its h1 and the panel its h2, so headings inside a text begin below them.
const components: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
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
      <ReactMarkdown components={components} skipHtml>
        {text}
      </ReactMarkdown>
    </div>
  );
}
