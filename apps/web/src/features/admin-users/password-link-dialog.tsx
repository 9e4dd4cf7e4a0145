import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { OneTimeLink } from "../../ui/one-time-link.tsx";

/** Shows the link once: afterwards only its digest is known to anybody. */
export const PasswordLinkDialog = ({
  title,
  displayName,
  username,
  link,
  onClose,
  children,
}: {
  readonly title: string;
  readonly displayName: string;
  readonly username: string;
  readonly link: string;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}): ReactNode => (
  <Dialog title={title} wide onClose={onClose}>
    <p>
      Give this link and their user name, <code>{username}</code>, to {displayName}: the link is
      where they choose their password. It works once, for 72 hours, and is not shown again.
    </p>
    <OneTimeLink label="Link to choose a password" link={link} />
    {children}
    <DialogActions>
      <Button onClick={onClose}>Done</Button>
    </DialogActions>
  </Dialog>
);
