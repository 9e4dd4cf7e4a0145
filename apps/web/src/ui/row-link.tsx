import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-aria-components/Link";
import classes from "./row-link.module.css";

/** A link in a row of a `DataTable`. The row is not selected by pressing it. */
export const RowLink = ({
  to,
  children,
}: {
  readonly to: string;
  readonly children: ReactNode;
}): ReactNode => (
  <Link href={to} className={classes.link ?? ""}>
    {children}
  </Link>
);

/** Something to do, in a row of a `DataTable`, that looks like a link. */
export const RowButton = ({
  onPress,
  children,
}: {
  readonly onPress: () => void;
  readonly children: ReactNode;
}): ReactNode => (
  <Button onPress={onPress} className={classes.link ?? ""}>
    {children}
  </Button>
);
