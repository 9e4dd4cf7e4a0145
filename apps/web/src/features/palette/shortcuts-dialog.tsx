import { Fragment, type ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import classes from "./shortcuts-dialog.module.css";
import { shortcutGroups } from "./shortcuts.ts";

/** Which keys do what. */
export const ShortcutsDialog = ({ onClose }: { readonly onClose: () => void }): ReactNode => (
  <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
    <div className={classes.groups}>
      {shortcutGroups.map(({ title, shortcuts }) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          <dl>
            {shortcuts.map(([ways, does]) => (
              <div key={does}>
                <dt>
                  {ways.map((keys, index) => (
                    <Fragment key={keys.join(" ")}>
                      {index > 0 && " "}
                      <span className={classes.keys}>
                        {keys.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </span>
                    </Fragment>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
    <DialogActions>
      <Button data-autofocus onClick={onClose}>
        Close
      </Button>
    </DialogActions>
  </Dialog>
);
