/**
 * Who is signed in, as far as this tab knows, and what follows when that changes. It sends nothing.
 * Invariant: no request that was made for one user is answered, or repeated, for another.
 */
import type { Session, SessionEndReason } from "../contract/contract.ts";
import { createAccessLife } from "./access-life.ts";
import type { ClientEvents, ClientState, ConnectionFault } from "./client-events.ts";
import type { ClientEnvironment } from "./environment.ts";
import { NetworkError, SignedInAsAnotherError, SignedOutError } from "./errors.ts";
import type { Hint, HintStore } from "./hint.ts";
import { createListeners } from "./listeners.ts";
import type { TabMessage } from "./tabs.ts";

/**
 * The page as one user sees it. Requests belong to one; once it has been left, they end with its
 * error.
 */
export interface Page {
  /** `undefined` until something is known, `null` for a visitor. */
  user: string | null | undefined;
  left: Error | null;
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/**
 * The same text for the same rights, in whatever order they come and whatever the sections are
 * called.
 */
const rightsOf = ({ roles, permissions, sections }: Session): string =>
  JSON.stringify(
    [roles, permissions, sections.map(({ slug }) => slug)].map((names) => [...names].sort()),
  );

type WithoutTime<M> = M extends unknown ? Omit<M, "at"> : never;

export interface SessionState {
  current(): ClientState;
  session(): Session | null;
  page(): Page;
  tokens(): Tokens | null;
  /** Rises with every change of the session, so also with every new access token. */
  version(): number;
  /** The access token is dead by this device's clock. */
  hasExpired(): boolean;
  /** Milliseconds the access token still lives, and its whole life as far as it is known. */
  life(): { readonly left: number; readonly whole: number };
  subscribe(listener: () => void): () => void;
  on<E extends keyof ClientEvents>(
    event: E,
    listener: (detail: ClientEvents[E]) => void,
  ): () => void;
  /** Resolves at the next change of any kind. */
  nextChange(): Promise<void>;

  begin(hint: Hint | null): void;
  /**
   * @param expiresAt by this device's clock
   * @param as how the session came about here, which the other tabs are told; `null` where it was
   * only found, or heard of
   */
  adopt(session: Session, expiresAt: number, as: "refreshed" | "signedIn" | null): void;
  /** The session is over, and the user has to sign in again. */
  end(reason: SessionEndReason | undefined, tell: boolean): void;
  becomeVisitor(tell: boolean): void;
  /** The client knows that nobody is signed in, from the last visit or from this one. */
  isVisitor(): boolean;
  /** An answer of the API has come, whatever it says. */
  noteAnswer(): void;
  /** Whether one has come since this client began. */
  hasBeenReached(): boolean;
  /** The connection is lost while refreshes or requests meet a fault. */
  setFault(of: "refresh" | "request", fault: ConnectionFault | null): void;
  hasFault(of: "refresh" | "request"): boolean;
  /**
   * The server has told within the last minute, here or in another tab, that it would tell of
   * changes.
   */
  isFollowing(): boolean;
  hear(message: TabMessage): void;
  dispose(): void;
}

/** The server says something every 20 seconds, and the tab that hears it passes that on. */
const silenceMs = 60_000;

export const createSessionState = (
  environment: ClientEnvironment,
  hints: HintStore,
  tellTabs: (message: TabMessage) => void,
): SessionState => {
  let link: Pick<ClientState, "connection" | "fault"> = { connection: "online" };
  let state: ClientState = { ...link, status: "starting" };
  let reached = false;
  let page: Page = { user: undefined, left: null };
  let tokens: Tokens | null = null;
  let version = 0;
  let changedAt = 0;
  let wholeLife = 0;
  let visitor = false;
  let sessionId: string | null = null;
  let following = false;
  let silence: unknown;
  const faults: Record<"refresh" | "request", ConnectionFault | null> = {
    refresh: null,
    request: null,
  };
  let change = Promise.withResolvers<void>();
  const { subscribe, on, tell: tellListeners, emit, clear } = createListeners();
  const life = createAccessLife(environment);

  const follow = (now: boolean): void => {
    environment.clearTimer(silence);
    if (now) silence = environment.setTimer(() => follow(false), silenceMs);
    if (now === following) return;
    following = now;
    tellListeners();
  };

  const session = (): Session | null => ("session" in state ? state.session : null);
  const set = (next: ClientState): void => {
    state = next;
    change.resolve();
    change = Promise.withResolvers();
    tellListeners();
  };
  const turnTo = (user: string | null, because: Error): void => {
    page.left = because;
    page = { user, left: null };
  };
  const tellAs = (message: WithoutTime<TabMessage>): void =>
    tellTabs({ ...message, at: changedAt });

  const adopt: SessionState["adopt"] = (body, expiresAt, as) => {
    const { tokenType: _, accessToken, refreshToken, ...adopted } = body;
    if (accessToken !== undefined && refreshToken !== undefined)
      tokens = { access: accessToken, refresh: refreshToken };
    const before = page.user;
    const sessionBefore = session();
    const user = adopted.user.id;
    // A session that is found at start has begun at another time.
    const begins =
      as === "signedIn" || (state.status !== "starting" && sessionId !== adopted.session.id);
    visitor = false;
    sessionId = adopted.session.id;
    if (before === undefined) page.user = user;
    else if (before !== user) turnTo(user, new SignedInAsAnotherError());
    version++;
    changedAt = environment.wallClock();
    life.endIn(expiresAt - changedAt);
    wholeLife = Math.max(wholeLife, adopted.expiresIn * 1000);
    hints.write({ signedIn: true, sessionId: adopted.session.id, userId: user, expiresAt });
    if (as) tellAs({ type: as, session: adopted, expiresAt });
    set({ ...link, status: "signedIn", session: adopted });
    if (typeof before === "string" && before !== user)
      emit("userChanged", { from: before, to: user });
    if (begins) emit("signedIn", adopted);
    if (sessionBefore?.user.id === user && rightsOf(sessionBefore) !== rightsOf(adopted))
      emit("permissionsChanged", { before: sessionBefore, after: adopted });
  };

  const end: SessionState["end"] = (reason, tell) => {
    const ended = session();
    visitor = false;
    tokens = null;
    version++;
    changedAt = environment.wallClock();
    life.endIn(Infinity);
    hints.write({ signedIn: false });
    if (tell) tellAs({ type: "ended", sessionId, ...(reason && { reason }) });
    set({
      ...link,
      status: "expired",
      session: ended,
      ...(reason && { reason }),
    });
  };

  const becomeVisitor: SessionState["becomeVisitor"] = (tell) => {
    const known = typeof page.user === "string" || state.status === "expired";
    visitor = true;
    tokens = null;
    if (known) turnTo(null, new SignedOutError());
    else page.user = null;
    version++;
    changedAt = environment.wallClock();
    life.endIn(Infinity);
    hints.write({ signedIn: false, signedOut: true });
    if (tell) tellAs({ type: "signedOut" });
    set({ ...link, status: "visitor" });
    if (known) emit("signedOut", undefined);
  };

  return {
    current: () => state,
    session,
    page: () => page,
    tokens: () => tokens,
    version: () => version,
    hasExpired: life.hasExpired,
    life: () => ({ left: life.left(), whole: wholeLife }),
    subscribe,
    on,
    nextChange: () => change.promise,

    begin: (hint) => {
      visitor = hint?.signedIn === false;
      if (!hint?.signedIn) return;
      page.user = hint.userId;
      sessionId = hint.sessionId;
      life.endIn(hint.expiresAt - environment.wallClock());
    },
    adopt,
    end,
    becomeVisitor,
    isVisitor: () => visitor,
    noteAnswer: () => void (reached = true),
    hasBeenReached: () => reached,
    setFault: (of, error) => {
      faults[of] = error;
      const before = link;
      const fault = faults.refresh ?? faults.request;
      const connection = fault ? (reached ? "lost" : "unreached") : "online";
      if (connection === before.connection && fault?.message === before.fault?.message) return;
      link = { connection, ...(fault && { fault }) };
      const { fault: _, ...rest } = state;
      set({ ...rest, ...link });
      if (!fault) emit("connectionRestored", undefined);
      else if (!before.fault) emit("connectionLost", undefined);
    },
    hasFault: (of) => faults[of] !== null,
    isFollowing: () => following,
    hear: (message) => {
      // A message that was under way while this tab signed in or out tells of a session that is
      // gone. A clock that has been set back must not make this tab deaf until it has caught up.
      if (message.at < changedAt && changedAt <= environment.wallClock()) return;
      if (message.type === "refreshed" || message.type === "signedIn") {
        adopt(message.session, message.expiresAt, null);
      } else if (message.type === "ended") {
        if (state.status === "signedIn" && sessionId === message.sessionId)
          end(message.reason, false);
      } else if (message.type === "sections") {
        emit("sectionsChanged", { slugs: message.slugs });
      } else if (message.type === "lists") {
        emit("listsChanged", { lists: message.lists });
      } else if (message.type === "following") {
        follow(message.on);
      } else if (message.type === "signedOut" && state.status !== "visitor") {
        becomeVisitor(false);
      }
    },
    dispose: () => {
      environment.clearTimer(silence);
      page.left = new NetworkError("The client has been disposed of.", undefined, true);
      set(state);
      clear();
    },
  };
};
