import type { ReactNode } from "react";
import { VisuallyHidden } from "../ui/visually-hidden.tsx";

/** For whatever keeps passwords: it would keep the one beside it without a name. */
export const UsernameForKeepers = ({ username }: { readonly username: string }): ReactNode => (
  <VisuallyHidden>
    <input
      type="text"
      name="username"
      autoComplete="username"
      aria-hidden="true"
      tabIndex={-1}
      readOnly
      value={username}
    />
  </VisuallyHidden>
);
