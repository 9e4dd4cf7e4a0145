import { useId, useMemo, type ReactNode } from "react";
import { drawMarkdown } from "./draw-markdown.tsx";
import classes from "./markdown-body.module.css";

/** CommonMark and what GitHub adds to it, without HTML. */
export function MarkdownBody({ text }: { readonly text: string }): ReactNode {
  // Two panels may have footnotes of one name.
  const prefix = `text${useId().replaceAll(/[^\w-]/g, "")}-`;
  return (
    <div className={classes.prose}>{useMemo(() => drawMarkdown(text, prefix), [text, prefix])}</div>
  );
}
