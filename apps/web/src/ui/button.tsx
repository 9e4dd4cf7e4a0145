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

/** While it is `loading`, nobody can press it again. */
export const Button = ({
  variant,
  size,
  fullWidth,
  loading = false,
  disabled = false,
  className,
  children,
  ...props
}: ComponentProps<"button"> &
  Look & { readonly loading?: boolean; readonly "data-autofocus"?: boolean }): ReactNode => (
  <button
    type="button"
    {...props}
    {...buttonLook({ variant, size, fullWidth }, className)}
    data-loading={loading}
    disabled={disabled || loading}
  >
    <span className={classes.label}>{children}</span>
  </button>
);
