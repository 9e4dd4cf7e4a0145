import type { ReactNode } from "react";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { isolated } from "../../ui/isolated.ts";

/** Asked before a section is shown to whoever has its address. */
export const PublicQuestion = ({
  title,
  pending,
  failure,
  onConfirm,
  onClose,
}: {
  readonly title: string;
  readonly pending: boolean;
  readonly failure: { readonly message: string | null } | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}): ReactNode => (
  <ConfirmDialog
    title={`Show “${isolated(title)}” to everybody?`}
    confirmLabel="Save it and show it to everybody"
    pending={pending}
    failure={failure}
    onConfirm={onConfirm}
    onClose={onClose}
  >
    <p>
      Everybody who can reach this address will see the section, also without signing in, with all
      that its panels show of their datasets. Grants count for nothing then.
    </p>
  </ConfirmDialog>
);
