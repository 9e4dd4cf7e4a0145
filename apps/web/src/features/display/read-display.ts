/**
 * What a wall screen asks of the API. It has no session and keeps none, so that it asks by itself
 * and not through the client, which is one of sessions: each request bears the link's token and
 * nothing else.
 */
import type { Contract, ResponseBody } from "@sallyport/shared/client";

export interface DisplaySource {
  readonly apiUrl: string;
  readonly token: string;
}

export interface Displayed {
  readonly display: ResponseBody<Contract["GET /display"]>;
  readonly section: ResponseBody<Contract["GET /sections/:slug"]>;
}

/** The link shows nothing any more, or nothing at the moment. */
export class DisplayEnded extends Error {
  override readonly name = "DisplayEnded";
}

const ask = async (
  { apiUrl, token }: DisplaySource,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response> => {
  const response = await fetch(`${apiUrl.replace(/\/+$/, "")}${path}`, {
    headers: { accept, authorization: `Bearer ${token}` },
    credentials: "omit",
    cache: "no-store",
    signal,
  });
  // The section may have gone between the two questions.
  if (response.status === 401 || response.status === 403) throw new DisplayEnded();
  if (!response.ok) throw new Error(`The server has answered ${response.status}.`);
  return response;
};

/** @throws DisplayEnded, or another error where there is no connection */
export const readDisplay = async (
  source: DisplaySource,
  signal: AbortSignal,
): Promise<Displayed> => {
  const json = "application/json";
  const display = (await (
    await ask(source, "/display", json, signal)
  ).json()) as Displayed["display"];
  const path = `/sections/${encodeURIComponent(display.section)}?include=data`;
  const section = (await (await ask(source, path, json, signal)).json()) as Displayed["section"];
  return { display, section };
};

/** The server says something every 20 seconds; whoever hears nothing for so long is cut off. */
const patienceMilliseconds = 60_000;
const pauseMilliseconds = 5_000;

/**
 * Tells of everything that changes, and once of each new connection, since something may have
 * changed meanwhile. Returns how to stop.
 */
export const followDisplay = (source: DisplaySource, onChange: () => void): (() => void) => {
  let stopped = false;
  let cutOff: AbortController | null = null;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const listen = async (): Promise<void> => {
    const connection = new AbortController();
    cutOff = connection;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => connection.abort(), patienceMilliseconds);
    };
    try {
      heard();
      const response = await ask(source, "/session/events", "text/event-stream", connection.signal);
      onChange();
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) break;
        heard();
        // What has changed is read again, whatever it is: of one section there is nothing to tell
        // apart.
        if (/^event:/m.test(value)) onChange();
      }
    } catch {
      // Whoever reads the section finds out why, and says so.
    } finally {
      clearTimeout(silence);
    }
    if (stopped) return;
    onChange();
    pause = setTimeout(() => void listen(), pauseMilliseconds);
  };
  void listen();
  // A stream that hangs is noticed late: the browser may know sooner.
  const cut = (): void => cutOff?.abort();
  window.addEventListener("offline", cut);
  return () => {
    stopped = true;
    window.removeEventListener("offline", cut);
    clearTimeout(pause);
    cutOff?.abort();
  };
};
