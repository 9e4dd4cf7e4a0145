import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";

/** Asks for something once more. While that is on its way it is not disabled: the focus would fall from it to the page. */
export const AgainButton = ({
  pending,
  onClick,
  ...props
}: ButtonProps & {
  readonly pending: boolean;
  readonly onClick: () => void;
  readonly "aria-label"?: string;
}): ReactNode => (
  <Button
    {...props}
    aria-disabled={pending}
    data-disabled={pending}
    onClick={() => !pending && onClick()}
  />
);
