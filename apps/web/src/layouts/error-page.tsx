import { ApiError, NetworkError } from "@sallyport/shared/client";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useClientState } from "@sallyport/shared/react";
import { useEffect, type ReactNode } from "react";
import { useRevalidator, useRouteError } from "react-router";
import { paths } from "../paths.ts";
import { NoAnswer } from "../session/no-answer.tsx";
import { useAppSession } from "../session/app-session-context.ts";
import { CodeKeptOutError, isFetchFailure } from "../ui/late-code.ts";
import { MessagePage } from "../ui/message-page.tsx";
import { RequestId } from "../ui/request-id.tsx";
import { Button, buttonLook } from "../ui/button.tsx";

const inWords = (error: unknown): string => {
  if (error instanceof ApiError) return error.message;
  // A new version has been put in the place of the one this page came from.
  if (isFetchFailure(error))
    return "A part of this page could not be fetched. It may have been updated meanwhile: reload it.";
  return "This page has met a fault of its own. Reloading it may help.";
};

/** A page that failed for want of an answer is begun anew once the server answers. */
const useAnotherTry = (failedForWantOfAnswer: boolean): void => {
  const { connection } = useClientState();
  const { revalidate, state } = useRevalidator();
  const isDue = failedForWantOfAnswer && connection === "online" && state === "idle";
  useEffect(() => {
    if (!isDue) return;
    const timer = setTimeout(() => void revalidate(), 1000);
    return () => clearTimeout(timer);
  }, [isDue, revalidate]);
};

const reloadedAtKey = "sallyport-reloaded-at";
const betweenReloadsMilliseconds = 10_000;

/** How long to wait before the page is loaded anew, so that it never goes round without a pause. */
const untilNextReload = (): number => {
  try {
    const last = Number(sessionStorage.getItem(reloadedAtKey));
    const wait = Math.max(0, last + betweenReloadsMilliseconds - Date.now());
    sessionStorage.setItem(reloadedAtKey, String(Date.now() + wait));
    return wait;
  } catch {
    return betweenReloadsMilliseconds;
  }
};

/**
 * Where only a reload brings the code of a page, and loses nothing, it is not left to whoever looks
 * at it.
 */
const useReload = (isNeeded: boolean): void => {
  const isHarmless = useAppSession().delivery() === "cookie";
  useEffect(() => {
    if (!isNeeded || !isHarmless) return;
    const timer = setTimeout(() => window.location.reload(), untilNextReload());
    return () => clearTimeout(timer);
  }, [isNeeded, isHarmless]);
};

/** What a page failed with, in the place of the page; header and navigation stay. */
export function ErrorPage(): ReactNode {
  const error = useRouteError();
  useAnotherTry(error instanceof NetworkError);
  useReload(error instanceof CodeKeptOutError);
  return (
    <MessagePage
      icon={<IconAlertTriangle size={28} stroke={1.6} />}
      title="Something went wrong"
      actions={
        <>
          <Button onClick={() => window.location.reload()}>Reload the page</Button>
          <a href={`.${paths.home()}`} {...buttonLook({ variant: "default" })}>
            Go to the start
          </a>
        </>
      }
      footnote={error instanceof ApiError && <RequestId id={error.problem.requestId} />}
    >
      {error instanceof NetworkError ? <NoAnswer error={error} /> : <p>{inWords(error)}</p>}
    </MessagePage>
  );
}
