import type { ReactNode } from "react";
import classes from "./logo.module.css";

/**
 * Two doors under one arch, one of them shut with a portcullis, the other open. Decorative: the
 * name stands beside it.
 */
export const Logo = ({ size = 28 }: { readonly size?: number }): ReactNode => (
  <svg
    className={classes.logo}
    width={size}
    height={size}
    viewBox="0 0 32 32"
    aria-hidden="true"
    focusable="false"
  >
    <path className={classes.arch} d="M2.5 29.5V15.5a13.5 13.5 0 0 1 27 0v14z" />
    <path className={classes.shut} d="M6.5 26.5V15.8A9.5 9.5 0 0 1 15 6.35V26.5z" />
    <path className={classes.bars} d="M10.75 7.6v18.9M6.5 14.5H15M6.5 20.5H15" />
    <path className={classes.beyond} d="M17 26.5V6.35a9.5 9.5 0 0 1 8.5 9.45v10.7z" />
    <path className={classes.open} d="M25.5 26.5V15.8a9.5 9.5 0 0 0-3-6.9v14.6z" />
  </svg>
);
