import { IconMenu2, IconSearch, IconX } from "@tabler/icons-react";
import { useClientState, useSession } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { AccountMenu, AppearanceMenu } from "../features/account/account-menu.tsx";
import { paths } from "../paths.ts";
import { useAppSession } from "../session/app-session-context.ts";
import { Logo } from "../ui/logo.tsx";
import classes from "./header.module.css";

export function Header({
  alone,
  onFind,
  nav,
}: {
  readonly alone: boolean;
  /** Opens the palette. */
  readonly onFind: () => void;
  readonly nav: {
    readonly title: string;
    readonly open: boolean;
    readonly toggle: () => void;
  } | null;
}): ReactNode {
  const { config } = useAppSession();
  const session = useSession();
  const { status } = useClientState();
  const { pathname, search, hash } = useLocation();
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        {nav && (
          <button
            type="button"
            className={classes.toggle}
            aria-expanded={nav.open}
            aria-controls="site-nav"
            onClick={nav.toggle}
          >
            {nav.open ? (
              <IconX size={20} aria-hidden="true" />
            ) : (
              <IconMenu2 size={20} aria-hidden="true" />
            )}
            <span>{nav.title}</span>
          </button>
        )}
        <Link to={paths.home()} className={classes.home}>
          <Logo size={28} />
          <span className={classes.name}>{config.title}</span>
        </Link>
        <div className={classes.end}>
          {!alone && (
            <button
              type="button"
              className={classes.find}
              aria-keyshortcuts="Control+K Meta+K"
              onClick={onFind}
            >
              <IconSearch size={18} stroke={1.75} aria-hidden="true" />
              <span>Go to…</span>
              <kbd aria-hidden="true">
                {/Mac|iP(?:hone|ad)/.test(navigator.userAgent) ? "⌘" : "Ctrl"} K
              </kbd>
            </button>
          )}
          {session ? (
            <AccountMenu session={session} />
          ) : (
            <>
              <AppearanceMenu />
              {!alone && status === "visitor" && (
                <Link
                  to={paths.signIn({ next: pathname + search + hash })}
                  className={classes.signIn}
                >
                  Sign in
                </Link>
              )}
            </>
          )}
        </div>
      </div>
    </header>
  );
}
