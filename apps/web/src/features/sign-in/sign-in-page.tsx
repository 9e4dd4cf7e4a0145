import { reasonInWords, useClientState } from "@sallyport/shared/react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import { paths, safeNext } from "../../paths.ts";
import { useAppSession } from "../../session/app-session-context.ts";
import { cookiesComeBack } from "../../session/cookies-come-back.ts";
import { SignInForm } from "../../session/sign-in-form.tsx";
import { useIsNotSetUp, useSendsMail } from "../../session/setup-state.ts";
import { Callout } from "../../ui/callout.tsx";
import { fetchCode } from "../../ui/late-code.ts";
import { Logo } from "../../ui/logo.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import classes from "./sign-in-page.module.css";

/** Hardly anybody ever reads it. */
const HowToSetUp = lazy(async () => ({
  default: (await fetchCode(() => import("../../session/not-set-up.tsx"))).HowToSetUp,
}));

export function SignInPage(): ReactNode {
  const app = useAppSession();
  const state = useClientState();
  const navigate = useNavigate();
  const next = safeNext(useSearchParams()[0].get("next"));
  const [busy, setBusy] = useState(false);
  const notSetUp = useIsNotSetUp(state.status === "visitor");
  const sendsMail = useSendsMail(state.status !== "signedIn");

  // Signed in before, or in another tab. While this form is at it, its own way on decides.
  if (state.status === "signedIn" && !busy) return <Navigate to={next} replace />;

  const arrive = async (): Promise<void> => {
    await navigate((await cookiesComeBack(app)) ? next : paths.cookiesBlocked({ next }), {
      replace: true,
    });
  };
  return (
    <div className={classes.page}>
      <div className={classes.card}>
        <div className={classes.mark}>
          <Logo size={44} />
        </div>
        <PageHeading
          title="Sign in"
          lead={next === "/" ? undefined : "To go on to the page you asked for."}
        >
          {app.config.title === "Sallyport" ? "Sign in" : `Sign in to ${app.config.title}`}
        </PageHeading>
        <div className={classes.notes}>
          {notSetUp && (
            <Callout tone="warning" title="Not set up yet">
              <Suspense>
                <HowToSetUp />
              </Suspense>
            </Callout>
          )}
          {state.status === "expired" && (
            <Callout tone="info">{reasonInWords(state.reason)}</Callout>
          )}
          {app.delivery() === "bearer" && (
            <Callout tone="info">
              You will be signed in for this tab only. Reloading it or closing it signs you out.
            </Callout>
          )}
        </div>
        <SignInForm onBusy={setBusy} onSignedIn={arrive} />
        {sendsMail && !notSetUp && (
          <p className={classes.forgotten}>
            <Link to={paths.forgottenPassword()}>Forgotten your password?</Link>
          </p>
        )}
      </div>
    </div>
  );
}
