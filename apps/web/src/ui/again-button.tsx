import type { ComponentProps, ReactNode } from "react";
import { Button } from "./button.tsx";

/**
 * Asks for something once more. While that is on its way it is not disabled: the focus would fall
 * from it to the page.
 */
export const AgainButton = ({
  pending,
  onClick,
  ...props
}: Omit<ComponentProps<typeof Button>, "onClick"> & {
  readonly pending: boolean;
  readonly onClick: () => void;
}): ReactNode => (
  <Button {...props} aria-disabled={pending} onClick={() => !pending && onClick()} />
);
