import { Button } from "@mantine/core";
import { useClient, useClientState } from "@sallyport/shared/react";
import { IconCookieOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { paths, safeNext } from "../../paths.ts";
import { useAppSession } from "../../session/app-session-context.ts";
import { Callout } from "../../ui/callout.tsx";
import { MessagePage } from "../../ui/message-page.tsx";

/** Signed in, but the browser does not give the cookies back: names the cause and the ways out. */
export function CookiesBlockedPage(): ReactNode {
  const app = useAppSession();
  const client = useClient();
  const state = useClientState();
  const navigate = useNavigate();
  const next = safeNext(useSearchParams()[0].get("next"));
  const check = useQuery({
    queryKey: ["cookie-check"],
    queryFn: () => client.checkCookies(),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

  if (state.status === "visitor" || app.delivery() === "bearer")
    return <Navigate to={paths.signIn({ next })} replace />;
  if (check.data?.access && check.data.refresh) return <Navigate to={next} replace />;
  const api = new URL(app.config.apiUrl);
  const here = window.location;
  const crossSite = check.data?.mode === "cross-site";
  return (
    <MessagePage
      icon={<IconCookieOff size={28} stroke={1.6} />}
      title="Your browser blocks the session’s cookies"
      actions={
        <>
          <Button loading={check.isFetching} onClick={() => void check.refetch()}>
            Check again
          </Button>
          {/* Over the page itself, which the dialog waits for. */}
          {state.status === "expired" && (
            <Button variant="default" onClick={() => void navigate(next, { replace: true })}>
              Sign in again
            </Button>
          )}
          {app.config.bearerFallback && (
            <Button
              variant="default"
              onClick={() => {
                app.continueInMemory();
                void navigate(paths.signIn({ next }), { replace: true });
              }}
            >
              Continue in this tab only
            </Button>
          )}
        </>
      }
    >
      <p>
        Your user name and password were right, but the cookies that keep you signed in did not come
        back, so the next request would not know you.
      </p>
      {crossSite ? (
        <p>
          This page is on <strong>{here.host}</strong> and its API on <strong>{api.host}</strong>,
          which is another site. Some browsers, and strict privacy settings in all of them, refuse
          cookies between two sites; Safari before 26.2 always does.
        </p>
      ) : (
        <p>
          The API is on <strong>{api.host}</strong>. Its cookies are sent over secure connections
          only
          {api.protocol === "http:" && (
            <>
              , and this one is plain http, which some browsers do not accept even on the same
              machine
            </>
          )}
          . An extension or a setting that blocks cookies has the same effect.
        </p>
      )}
      <p>What helps:</p>
      <ul>
        <li>
          For you: allow cookies for {api.host} in this browser, or use another browser, then check
          again.
        </li>
        <li>
          For the person who runs this: put both under one domain, such as app.example.com and
          api.example.com; the cookies are then of the same site.
        </li>
      </ul>
      {check.isError && (
        <Callout tone="danger" role="alert">
          The API did not answer the check.
        </Callout>
      )}
      {app.config.bearerFallback && (
        <p>
          You may also continue without cookies: your session then lives in this tab’s memory alone,
          and ends when you reload or close it. You will be asked for your password once more.
        </p>
      )}
    </MessagePage>
  );
}
