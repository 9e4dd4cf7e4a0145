import { useClientState } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { Navigate, Outlet, redirect, useLocation, type LoaderFunction } from "react-router";
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
    throw redirect(paths.signIn({ next: pathname.slice(basename === "/" ? 0 : basename.length) + search }));
  };

export function SignedInLayout(): ReactNode {
  const { status } = useClientState();
  const { pathname, search } = useLocation();
  return status === "visitor" ? <Navigate to={paths.signIn({ next: pathname + search })} replace /> : <Outlet />;
}
