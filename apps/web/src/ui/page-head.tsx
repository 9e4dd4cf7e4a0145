import type { ReactNode } from "react";
import { Link } from "react-aria-components/Link";
import { PageHeading } from "./page-heading.tsx";
import classes from "./page-head.module.css";

/** The head of a page of the administration: what it is about, and what can be done there. */
export const PageHead = ({
  title,
  lead,
  back,
  actions,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  /** The list that this is one of. */
  readonly back?: { readonly to: string; readonly title: string };
  readonly actions?: ReactNode;
}): ReactNode => (
  <>
    {back && (
      <Link href={back.to} className={classes.back ?? ""}>
        ← {back.title}
      </Link>
    )}
    <div className={classes.head}>
      <div className={classes.words}>
        <PageHeading title={title} lead={lead}>
          {title}
        </PageHeading>
      </div>
      {Boolean(actions) && <div className={classes.actions}>{actions}</div>}
    </div>
  </>
);
