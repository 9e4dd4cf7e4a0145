import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Link } from "react-aria-components/Link";
import { buttonLook } from "./button.tsx";
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

/** Something to do at once, in a row of a `DataTable`, that looks like a button. */
export const RowAction = ({
  label,
  isMain = false,
  onPress,
  children,
}: {
  /** Begins with what stands on it, and says on what it is done. */
  readonly label: string;
  /** What is done most often. */
  readonly isMain?: boolean;
  readonly onPress: () => void;
  readonly children: ReactNode;
}): ReactNode => (
  <Button
    {...buttonLook({ size: "xs", variant: isMain ? "filled" : "default" })}
    aria-label={label}
    onPress={onPress}
  >
    {children}
  </Button>
);
