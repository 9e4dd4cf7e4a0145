import { useClient, useClientState } from "@sallyport/shared/react";
import { Activity, useEffect, useRef, useState, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { Outlet, useLocation, useMatches, useNavigate } from "react-router";
import { paths } from "../paths.ts";
import { useAdminPages } from "../session/admin-pages.ts";
import { useAppSession } from "../session/app-session-context.ts";
import { ConnectionBanner } from "../session/connection-banner.tsx";
import { FreshSignIn } from "../session/fresh-sign-in.tsx";
import { IdleWarning } from "../session/idle-warning.tsx";
import { NoGrantNote } from "../session/no-grant-note.tsx";
import { Notices } from "../session/notices.tsx";
import { StartProblem } from "../session/start-problem.tsx";
import { SessionOverDialog } from "../session/session-over-dialog.tsx";
import { useLasting } from "../session/use-lasting.ts";
import { reloadForOtherUser } from "../session/user-change.ts";
import { UserChangeNote } from "../session/user-change-note.tsx";
import { AppTitle } from "../ui/app-title.ts";
import { AreaNav } from "../ui/area-nav.ts";
import { SectionSkeleton } from "../ui/section-skeleton.tsx";
import { showToast, Toasts } from "../ui/toasts.tsx";
import { Header } from "./header.tsx";
import { usePalette } from "./palette-host.tsx";
import { Place } from "./place.tsx";
import { SiteNav } from "./site-nav.tsx";
import classes from "./root-layout.module.css";

/**
 * What a route may say in its `handle`: a page with one thing to do has no navigation beside it.
 */
export interface RouteHandle {
  readonly alone?: true;
}

/**
 * Everything around a page: header, navigation, what the session has to say, and where the focus
 * goes when the page changes.
 */
export function RootLayout(): ReactNode {
  const { config } = useAppSession();
  const client = useClient();
  const state = useClientState();
  const navigate = useNavigate();
  const alone = useMatches().some(
    (match) => (match.handle as RouteHandle | undefined)?.alone === true,
  );
  const [navOpen, setNavOpen] = useState(false);
  const [areaNav, setAreaNav] = useState<HTMLElement | null>(null);
  const main = useRef<HTMLElement>(null);
  const { pathname, key } = useLocation();
  const shownKey = useRef(key);
  useEffect(() => void (shownKey.current = key), [key]);
  /**
   * What was shown when its user signed out. It does not come back: the way is over when something
   * else is shown.
   */
  const [leftKey, setLeftKey] = useState<string | null>(null);

  useEffect(() => {
    const stops = [
      client.on("userChanged", ({ from }) => {
        // A visitor's page held nothing that was anybody's: it goes on as the new user's.
        if (from !== null) reloadForOtherUser();
      }),
      client.on("signedOut", () => {
        showToast("You are signed out.");
        // The page goes in this very turn: drawn once more, it would ask for its data as a visitor
        // and, refused, lead to the sign-in page.
        flushSync(() => setLeftKey(shownKey.current));
        void navigate(paths.home());
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }, [client, navigate]);

  const touched = useRef(false);
  useEffect(() => {
    const note = (): void => void (touched.current = true);
    const options = { capture: true, once: true };
    for (const type of ["pointerdown", "keydown"]) window.addEventListener(type, note, options);
    return () => {
      for (const type of ["pointerdown", "keydown"])
        window.removeEventListener(type, note, options);
    };
  }, []);

  const shownPathname = useRef(pathname);
  useEffect(() => {
    if (shownPathname.current === pathname) return;
    shownPathname.current = pathname;
    setNavOpen(false);
    // Still the first load, which has led on from one address to another: the focus stays at the
    // beginning of the page.
    if (!touched.current) return;
    // A form that has taken the focus itself keeps it. Where an address has led on before there was
    // a heading, the page as a whole has it.
    const { activeElement } = document;
    if (activeElement !== main.current && main.current?.contains(activeElement)) return;
    (main.current?.querySelector("h1") ?? main.current)?.focus({ preventScroll: true });
  }, [pathname]);

  // Long enough that a first try which fails is no news, and short enough that nobody waits in
  // front of a skeleton.
  const waits = useLasting(state.status === "starting" && state.fault !== undefined, 500);
  const problem = waits ? state.fault : undefined;

  const mayAdminister = useAdminPages().length > 0;
  const hasNav =
    !alone &&
    !problem &&
    (mayAdminister || !(state.status === "signedIn" && state.session.sections.length === 0));
  const { open, palette } = usePalette(!alone && !problem);
  return (
    <AppTitle value={config.title}>
      {/* Not a plain fragment: that would hang on the document's base. */}
      <a
        className={classes.skip}
        href={`${window.location.pathname}${window.location.search}#main`}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to content
      </a>
      <Header
        alone={alone}
        onFind={open}
        nav={
          hasNav
            ? {
                title: mayAdminister ? "Menu" : "Sections",
                open: navOpen,
                toggle: () => setNavOpen(!navOpen),
              }
            : null
        }
      />
      <ConnectionBanner />
      <div className={classes.frame} data-nav={hasNav}>
        {hasNav && <SiteNav open={navOpen} area={setAreaNav} />}
        <main ref={main} id="main" tabIndex={-1} className={classes.main} data-alone={alone}>
          {problem && <StartProblem fault={problem} />}
          {/* What has been typed meanwhile, at the sign-in page say, is kept. */}
          <Activity mode={problem ? "hidden" : "visible"}>
            <UserChangeNote />
            <Notices />
            {!alone && <NoGrantNote />}
            <AreaNav value={areaNav}>{leftKey === key ? <SectionSkeleton /> : <Outlet />}</AreaNav>
          </Activity>
        </main>
      </div>
      {palette}
      <FreshSignIn />
      <SessionOverDialog />
      <IdleWarning />
      <Toasts />
      <Place />
    </AppTitle>
  );
}
