import type { CSSProperties, ReactNode } from "react";
import classes from "./skeleton.module.css";
import { VisuallyHidden } from "./visually-hidden.tsx";

/** A grey block in the place of what is on its way; invisible for the first 200 ms. */
export const SkeletonBlock = ({
  height,
  width,
}: {
  readonly height: string;
  readonly width?: string;
}): ReactNode => (
  <div
    className={classes.block}
    style={{ "--height": height, "--width": width ?? "100%" } as CSSProperties}
  />
);

/** Says that something is loading, to those who cannot see its skeleton. */
export const Loading = ({
  what,
  children,
}: {
  readonly what: string;
  readonly children?: ReactNode;
}): ReactNode => (
  <div className={classes.late} aria-busy="true">
    <div role="status">
      <VisuallyHidden>Loading {what}…</VisuallyHidden>
    </div>
    <div aria-hidden="true">{children}</div>
  </div>
);
