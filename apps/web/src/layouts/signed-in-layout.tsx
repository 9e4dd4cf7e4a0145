import { useClientState } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { Outlet, redirect, type LoaderFunction } from "react-router";
import { paths } from "../paths.ts";
import type { AppSession } from "../session/app-session.ts";

/** Pages that belong to a person: a visitor is sent to sign in, and comes back afterwards. */
export const signedInGate =
  (app: AppSession, basename: string): LoaderFunction =>
  async ({ request }) => {
    const state = await app.started();
    // What start() found may be long ago by now.
    const { status } = app.client().state();
    if (status === "signedIn" || (status === "expired" && state.status === "signedIn")) return null;
    const { pathname, search } = new URL(request.url);
    // A request has no fragment; the address has it where the page was opened with it.
    const hash = pathname === window.location.pathname ? window.location.hash : "";
    throw redirect(paths.signIn({ next: pathname.slice(basename === "/" ? 0 : basename.length) + search + hash }));
  };

export function SignedInLayout(): ReactNode {
  const { status } = useClientState();
  // Signed out just now: the layout around this one leads away. To the sign-in page from here, it would come second.
  return status === "visitor" ? null : <Outlet />;
}
