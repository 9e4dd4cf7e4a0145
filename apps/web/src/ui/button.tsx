import type { ComponentProps, ReactNode } from "react";
import classes from "./button.module.css";

interface Look {
  readonly variant?: "filled" | "default" | "subtle" | "danger" | undefined;
  readonly size?: "xs" | "sm" | "md" | undefined;
  readonly fullWidth?: boolean | undefined;
}

/** For a link that looks like a button. */
export const buttonLook = (
  { variant = "filled", size = "sm", fullWidth = false }: Look = {},
  className?: string,
): object => ({
  className: className === undefined ? classes.button : `${classes.button} ${className}`,
  "data-variant": variant,
  "data-size": size,
  "data-full-width": fullWidth,
});

/**
 * While it is `loading`, pressing it again does nothing. It is not disabled then: the focus would
 * fall from it to the page.
 */
export const Button = ({
  variant,
  size,
  fullWidth,
  loading = false,
  disabled = false,
  className,
  children,
  onClick,
  ...props
}: ComponentProps<"button"> &
  Look & { readonly loading?: boolean; readonly "data-autofocus"?: boolean }): ReactNode => (
  <button
    type="button"
    {...props}
    {...buttonLook({ variant, size, fullWidth }, className)}
    data-loading={loading}
    disabled={disabled}
    {...(loading && { "aria-disabled": true })}
    onClick={loading ? (event) => event.preventDefault() : onClick}
  >
    <span className={classes.label}>{children}</span>
  </button>
);
