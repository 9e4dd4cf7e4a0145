import type { Session } from "@sallyport/shared/client";
import { useClient } from "@sallyport/shared/react";
import {
  IconChevronDown,
  IconLogout,
  IconMoon,
  IconUser,
  IconUsersMinus,
} from "@tabler/icons-react";
import { lazy, Suspense, useId, useRef, useState, type ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import { failureOf } from "../../session/failures.ts";
import { keepColorScheme } from "../../session/color-scheme-of-user.ts";
import { useChange } from "../../session/use-change.ts";
import { Callout } from "../../ui/callout.tsx";
import { ColorSchemeControl } from "../../ui/color-scheme-control.tsx";
import { fetchCode } from "../../ui/late-code.ts";
import popover from "../../ui/popover.module.css";
import { useCloseOnLeave } from "../../ui/use-close-on-leave.ts";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import classes from "./account-menu.module.css";
import { Button } from "../../ui/button.tsx";

const SignOutEverywhereDialog = lazy(async () => ({
  default: (await fetchCode(() => import("./sign-out-everywhere-dialog.tsx")))
    .SignOutEverywhereDialog,
}));

const initialsOf = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => [...word][0] ?? "")
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join("")
    .toUpperCase();

/** The name in the upper corner, and what belongs to it. */
export function AccountMenu({ session }: { readonly session: Session }): ReactNode {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  useCloseOnLeave(menu);
  const client = useClient();
  const [everywhere, setEverywhere] = useState(false);
  const [notKept, setNotKept] = useState<string | null>(null);
  const { displayName, username, email } = session.user;
  const close = (): void => menu.current?.hidePopover();
  const signOut = useChange({ call: (client) => client.signOut(), onDone: close });
  return (
    <>
      <button type="button" className={classes.button} popoverTarget={id}>
        <span
          className={classes.avatar}
          data-initials={initialsOf(displayName)}
          aria-hidden="true"
        />
        <VisuallyHidden>Account: </VisuallyHidden>
        <span className={classes.name}>{displayName}</span>
        <IconChevronDown size={16} aria-hidden="true" className={classes.chevron} />
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="group"
        aria-label="Account"
        className={`${popover.content} ${classes.menu}`}
      >
        <div className={classes.who}>
          <p className={classes.displayName}>{displayName}</p>
          <p className={classes.email}>{email === null ? username : `${username} · ${email}`}</p>
        </div>
        <div className={classes.part}>
          <Link to={paths.account()} className={`${popover.item} ${classes.link}`} onClick={close}>
            <IconUser size={18} stroke={1.75} aria-hidden="true" /> Your account
          </Link>
        </div>
        <div className={classes.padded}>
          <ColorSchemeControl
            onChoose={(chosen) => {
              setNotKept(null);
              keepColorScheme(client, chosen).catch((error: unknown) =>
                setNotKept(failureOf(error, {}, new Date()).message),
              );
            }}
          />
          {notKept !== null && (
            <div className={classes.failure}>
              <Callout tone="warning" role="alert">
                It is shown in this browser, and could not be kept for your others. {notKept}
              </Callout>
            </div>
          )}
        </div>
        <div className={classes.part}>
          <button
            type="button"
            className={popover.item}
            aria-disabled={signOut.pending}
            onClick={() => signOut.run()}
          >
            <IconLogout size={18} stroke={1.75} aria-hidden="true" /> Sign out
          </button>
          <button
            type="button"
            className={popover.item}
            onClick={() => {
              close();
              setEverywhere(true);
            }}
          >
            <IconUsersMinus size={18} stroke={1.75} aria-hidden="true" /> Sign out everywhere…
          </button>
          {signOut.failure && (
            <div className={classes.failure}>
              <Callout tone="danger" role="alert">
                You are still signed in. {signOut.failure.message}
              </Callout>
            </div>
          )}
        </div>
      </div>
      {everywhere && (
        <Suspense>
          <SignOutEverywhereDialog username={username} onClose={() => setEverywhere(false)} />
        </Suspense>
      )}
    </>
  );
}

/** For visitors, who have no account to hang it on. */
export function AppearanceMenu(): ReactNode {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  useCloseOnLeave(menu);
  return (
    <>
      <Button
        variant="subtle"
        popoverTarget={id}
        aria-label="Appearance"
        className={classes.appearance ?? ""}
      >
        <IconMoon size={20} stroke={1.75} aria-hidden="true" />
      </Button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="group"
        aria-label="Appearance"
        className={`${popover.content} ${classes.menu}`}
      >
        <div className={classes.padded}>
          <ColorSchemeControl />
        </div>
      </div>
    </>
  );
}
