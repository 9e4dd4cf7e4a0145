import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useId, useRef, useState, type ReactNode } from "react";
import { Button } from "./button.tsx";
import classes from "./one-time-link.module.css";

/**
 * A link that is shown once, to be copied and handed on. Where the browser copies nothing by
 * itself, the text is selected for whoever does it by hand.
 */
export function OneTimeLink({
  label,
  link,
}: {
  readonly label: string;
  readonly link: string;
}): ReactNode {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<"yes" | "by hand" | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied("yes");
    } catch {
      field.current?.focus();
      field.current?.select();
      setCopied("by hand");
    }
  };
  return (
    <div>
      <label htmlFor={id} className={classes.label}>
        {label}
      </label>
      <div className={classes.row}>
        <input
          ref={field}
          id={id}
          readOnly
          className={classes.link}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button data-autofocus variant="default" onClick={() => void copy()}>
          {copied === "yes" ? (
            <IconCheck size={16} aria-hidden="true" />
          ) : (
            <IconCopy size={16} aria-hidden="true" />
          )}
          <span className={classes.copy}>Copy</span>
        </Button>
      </div>
      <p role="status" className={classes.said}>
        {copied === "yes"
          ? "Copied."
          : copied === "by hand"
            ? "The browser does not copy by itself: the link is selected, copy it by hand."
            : ""}
      </p>
    </div>
  );
}
