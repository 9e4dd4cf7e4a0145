import { requireSignedIn, useClientState } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { Outlet, type LoaderFunction } from "react-router";
import { paths } from "../paths.ts";
import type { AppSession } from "../session/app-session.ts";

/** Pages that belong to a person: a visitor is sent to sign in, and comes back afterwards. */
export const signedInGate =
  (app: AppSession, basename: string): LoaderFunction =>
  (args) =>
    requireSignedIn(app.client(), { basename, signInPath: (next) => paths.signIn({ next }) })(args);

export function SignedInLayout(): ReactNode {
  const { status } = useClientState();
  // Signed out just now: the layout around this one leads away. To the sign-in page from here, it
  // would come second.
  return status === "visitor" ? null : <Outlet />;
}
