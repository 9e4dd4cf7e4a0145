import { useClient, useClientState } from "@sallyport/shared/react";
import { IconCookieOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { paths, safeNext } from "../../paths.ts";
import { cookieTroubleOf, type CookieTrouble } from "../../session/cookie-trouble.ts";
import { useAppSession } from "../../session/app-session-context.ts";
import { AgainButton } from "../../ui/again-button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { MessagePage } from "../../ui/message-page.tsx";
import { Button } from "../../ui/button.tsx";

interface Words {
  readonly cause: ReactNode;
  /** What the person in front of the screen can do. */
  readonly forYou: ReactNode;
  readonly forTheOperator: ReactNode;
}

const host = ({ host: name }: URL): ReactNode => <strong>{name}</strong>;
const allow = (api: URL, where: string): ReactNode =>
  `Allow cookies for ${api.host} ${where}, or use another browser, then check again.`;

/** Under each cause only what helps there. */
const troubles: Readonly<
  Record<CookieTrouble, (at: { readonly page: URL; readonly api: URL }) => Words>
> = {
  otherSite: ({ page, api }) => ({
    cause: (
      <>
        This page is on {host(page)} and its API on {host(api)}, which is another site. Some
        browsers, and strict privacy settings in all of them, refuse cookies between two sites;
        Safari before 26.2, and other browsers with a WebKit of that age, always do.
      </>
    ),
    forYou: allow(api, "in this browser, where they are called cookies of third parties"),
    forTheOperator:
      "Put both under one domain, such as app.example.com and api.example.com, or behind one reverse proxy: the cookies are then of the same site.",
  }),
  twoNamesOfThisMachine: ({ page, api }) => {
    const renamed = new URL(page);
    renamed.hostname = api.hostname;
    return {
      cause: (
        <>
          This page is on {host(page)} and its API on {host(api)}. Both are this machine, but to a
          browser two names are two sites, and it keeps their cookies apart.
        </>
      ),
      forYou: (
        <>
          Open the page under the API’s name: <a href={renamed.href}>{renamed.origin}</a>.
        </>
      ),
      forTheOperator:
        "Use one name everywhere: in SALLYPORT_PUBLIC_URL, in SALLYPORT_WEB_ORIGINS and in the page’s config.json.",
    };
  },
  plainHttp: ({ api }) => ({
    cause: (
      <>
        The API is on <strong>{api.origin}</strong>, which is plain http. Its cookies are sent over
        secure connections only.
      </>
    ),
    forYou: "Nothing in this browser changes that: tell the person who runs this.",
    forTheOperator:
      "Put a proxy with TLS in front of the API, and its https address into the page’s config.json.",
  }),
  takenForOneSite: ({ page, api }) => ({
    cause: (
      <>
        This page is on {host(page)} and its API on {host(api)}. To a browser those are two sites,
        but the API takes them for one, and sends cookies that do not pass from one to the other.
      </>
    ),
    forYou: "Nothing in this browser changes that: tell the person who runs this.",
    forTheOperator:
      "Leave SALLYPORT_COOKIE_MODE at auto, and give SALLYPORT_PUBLIC_URL and SALLYPORT_WEB_ORIGINS the addresses that browsers see.",
  }),
  refused: ({ api }) => ({
    cause: (
      <>
        The API is on {host(api)}, and nothing is wrong with its address: a setting of this browser
        or an extension refuses cookies, or something between takes them away.
      </>
    ),
    forYou: allow(api, "in this browser’s settings and extensions"),
    forTheOperator:
      "Where every browser comes here, look at what is between it and the API: the headers Set-Cookie and Cookie have to pass.",
  }),
};

function Explanation({ cause, forYou, forTheOperator }: Words): ReactNode {
  return (
    <>
      <p>{cause}</p>
      <p>What helps:</p>
      <ul>
        <li>For you: {forYou}</li>
        <li>For the person who runs this: {forTheOperator}</li>
      </ul>
    </>
  );
}

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
  const page = new URL(window.location.href);
  const trouble = cookieTroubleOf(page, api, check.data?.mode);
  return (
    <MessagePage
      icon={<IconCookieOff size={28} stroke={1.6} />}
      title="Your browser blocks the session’s cookies"
      actions={
        <>
          <AgainButton pending={check.isFetching} onClick={() => void check.refetch()}>
            Check again
          </AgainButton>
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
      {check.isSuccess && <Explanation {...troubles[trouble]({ page, api })} />}
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
