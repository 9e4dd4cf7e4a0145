import type { ReactNode } from "react";
import { PageHeading } from "./page-heading.tsx";
import classes from "./message-page.module.css";

/**
 * A page that has something to say in place of its content: what is the matter, and what to do
 * about it.
 */
export const MessagePage = ({
  icon,
  title,
  takesFocus = false,
  children,
  actions,
  footnote,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly takesFocus?: boolean;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  readonly footnote?: ReactNode;
}): ReactNode => (
  <div className={classes.page}>
    {icon !== undefined && (
      <div className={classes.icon} aria-hidden="true">
        {icon}
      </div>
    )}
    <PageHeading title={title} takesFocus={takesFocus}>
      {title}
    </PageHeading>
    <div className={classes.text}>{children}</div>
    {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    {footnote !== undefined && <p className={classes.footnote}>{footnote}</p>}
  </div>
);
