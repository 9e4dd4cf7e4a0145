/**
 * Guards for routes: loaders, or middleware, of react-router and of whatever else takes a thrown
 * Response for an answer. They save a page that may not be shown from being begun. What is
 * permitted is decided by the API, with every request.
 */
import { isApiError, NetworkError, type Client, type Session } from "../client/client.ts";
import type { Permission } from "../contract/contract.ts";
import { safeNext } from "./safe-next.ts";

export interface GuardOptions {
  /**
   * The page with the sign-in form, which is given the address that was asked for: as `?next=`, or
   * as the function makes it. Read it there with `safeNext`.
   */
  readonly signInPath: string | ((next: string) => string);
  /** The router's own, where it has one: redirects do not carry it. */
  readonly basename?: string;
}

export interface GuardArguments {
  readonly request: Request;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/**
 * Throws a redirect, or a Response with status 403 and `{ code }`, which is for the route's error
 * boundary; resolves where the page may be shown.
 */
export type Guard = (args: GuardArguments) => Promise<void>;

/** The address of a request as the router's own links have it. */
const addressOf = (request: Request, basename = "/"): string => {
  const { origin, pathname, search } = new URL(request.url);
  const base = basename.replace(/\/$/, "");
  // A request has no fragment; the address has it where the page was opened with it.
  const { location } = globalThis as { readonly location?: Location };
  const hash = location?.pathname === pathname ? location.hash : "";
  return safeNext(
    `${pathname.startsWith(base) ? pathname.slice(base.length) : pathname}${search}${hash}`,
    "",
    origin,
  );
};

const leadToSignIn = (
  { request }: GuardArguments,
  { signInPath, basename }: GuardOptions,
): Response => {
  const next = addressOf(request, basename);
  const target =
    typeof signInPath === "function"
      ? signInPath(next)
      : `${signInPath}?next=${encodeURIComponent(next)}`;
  return new Response(null, { status: 302, headers: { location: target } });
};
const refuse = (code: "forbidden" | "section_forbidden"): Response =>
  Response.json({ code }, { status: 403, statusText: "Forbidden" });

/** Resolves once the server answers again, which the client finds out by itself. */
const untilOnline = (client: Client, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      if (signal.aborted) reject(signal.reason as Error);
      else if (client.state().connection === "online") resolve();
      else return;
      stop();
      signal.removeEventListener("abort", look);
    };
    const stop = client.subscribe(look);
    signal.addEventListener("abort", look);
    look();
  });

/**
 * For who waits for a page: without an answer it is asked again once the server is back, so that no
 * page ends at a fault that has passed.
 */
const untilAnswered = async <T>(
  client: Client,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NetworkError) || error.aborted || tries >= mostTries) throw error;
      await untilOnline(client, signal);
    }
  }
};
/** Where the server answers, and this question alone never gets through. */
const mostTries = 5;

/**
 * The session on whose behalf a page may be shown, once it is known who is signed in. A page that
 * is open outlives its session: the sign-in over it is a dialog.
 */
const sessionFor = async (client: Client, { request }: GuardArguments): Promise<Session | null> => {
  await client.start({ signal: request.signal });
  const state = client.state();
  return state.status === "signedIn" || state.status === "expired" ? state.session : null;
};

/**
 * Lets in whoever is signed in; leads visitors to the sign-in page, and back to where they were
 * going.
 */
export const requireSignedIn =
  (client: Client, options: GuardOptions): Guard =>
  async (args) => {
    if (!(await sessionFor(client, args))) throw leadToSignIn(args, options);
  };

/**
 * As `requireSignedIn`, and refuses with 403 `forbidden` whose roles do not include the permission.
 */
export const requirePermission =
  (client: Client, permission: Permission, options: GuardOptions): Guard =>
  async (args) => {
    const session = await sessionFor(client, args);
    if (!session) throw leadToSignIn(args, options);
    if (!session.permissions.includes(permission)) throw refuse("forbidden");
  };

/**
 * Lets in whoever may open the section that `slug` names, or else the route's parameter `slug`:
 * visitors too, where it is public. Refuses with 403 `section_forbidden` who may not, also where
 * there is no such section; visitors are led to the sign-in page. Asks the API where the session
 * does not list the section, since it may just have been granted.
 */
export const requireSection =
  (client: Client, { slug, ...options }: GuardOptions & { readonly slug?: string }): Guard =>
  async (args) => {
    const session = await sessionFor(client, args);
    const wanted = slug ?? args.params["slug"] ?? "";
    if (session?.sections.some((section) => section.slug === wanted)) return;
    // No section is called so, and as a part of an address it would lead elsewhere.
    if (/^\.{0,2}$/.test(wanted)) throw refuse("section_forbidden");
    // Over before this page was opened: what the sign-in page says first is why.
    if (client.state().status === "expired" && !session) throw leadToSignIn(args, options);
    const { signal } = args.request;
    try {
      if (!session) {
        // A visitor is told by the list, where a question about one section could only be answered
        // with an error.
        const { items, nextCursor } = await untilAnswered(client, signal, () =>
          client.call("GET /sections", {}, { signal }),
        );
        if (items.some((section) => section.slug === wanted)) return;
        if (nextCursor === null) throw leadToSignIn(args, options);
      }
      await untilAnswered(client, signal, () =>
        client.call("GET /sections/:slug", { params: { slug: wanted } }, { signal }),
      );
    } catch (error) {
      if (isApiError(error, "section_forbidden")) throw refuse("section_forbidden");
      if (isApiError(error) && error.status === 401) throw leadToSignIn(args, options);
      throw error;
    }
  };
