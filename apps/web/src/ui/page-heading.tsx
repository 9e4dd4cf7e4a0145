import { use, useEffect, useRef, type ReactNode } from "react";
import { AppTitle } from "./app-title.ts";
import classes from "./page-heading.module.css";

/**
 * The page's only h1, and the document's title with it.
 * Takes the focus when the heading that had it has gone, as when a page takes the place of its skeleton.
 */
export function PageHeading({
  children,
  title,
  hidden = false,
  lead,
}: {
  readonly children: ReactNode;
  readonly title: string;
  readonly hidden?: boolean;
  readonly lead?: ReactNode;
}): ReactNode {
  const appTitle = use(AppTitle);
  const heading = useRef<HTMLHeadingElement>(null);
  const wasFocused = useRef(false);
  useEffect(() => {
    const element = heading.current;
    if (headingLostFocus && document.activeElement === document.body) element?.focus({ preventScroll: true });
    headingLostFocus = false;
    const remember = (): void => void (wasFocused.current = document.activeElement === element);
    element?.addEventListener("focus", remember);
    element?.addEventListener("blur", remember);
    return () => {
      headingLostFocus = wasFocused.current;
    };
  }, []);
  return (
    <>
      <title>{title === appTitle ? title : `${title} · ${appTitle}`}</title>
      <h1 ref={heading} tabIndex={-1} className={hidden ? classes.hidden : classes.heading}>
        {children}
      </h1>
      {lead !== undefined && lead !== "" && <p className={classes.lead}>{lead}</p>}
    </>
  );
}

let headingLostFocus = false;
