import { use, useLayoutEffect, useRef, type ReactNode } from "react";
import { AppTitle } from "./app-title.ts";
import { isolated } from "./isolated.ts";
import classes from "./page-heading.module.css";

/**
 * The page's only h1, and the document's title with it.
 * Takes the focus when the heading that had it has gone, as when a page takes the place of its
 * skeleton, and where it is told to.
 */
export function PageHeading({
  children,
  title,
  hidden = false,
  lead,
  takesFocus = false,
}: {
  readonly children: ReactNode;
  readonly title: string;
  readonly hidden?: boolean;
  readonly lead?: ReactNode;
  /** It stands in the place of what had the focus, such as a form that is done. */
  readonly takesFocus?: boolean;
}): ReactNode {
  const appTitle = use(AppTitle);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const element = heading.current;
    if (takesFocus || (lastHeadingHadFocus && document.activeElement === document.body))
      element?.focus({ preventScroll: true });
    lastHeadingHadFocus = false;
    return () => {
      // Before the element leaves the document; afterwards the focus is nobody's.
      lastHeadingHadFocus = element !== null && document.activeElement === element;
    };
  }, [takesFocus]);
  return (
    <>
      <title>{title === appTitle ? title : `${isolated(title)} · ${appTitle}`}</title>
      <h1 ref={heading} tabIndex={-1} className={hidden ? classes.hidden : classes.heading}>
        {children}
      </h1>
      {lead !== undefined && lead !== "" && <p className={classes.lead}>{lead}</p>}
    </>
  );
}

let lastHeadingHadFocus = false;
