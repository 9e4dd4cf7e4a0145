/** What a client tells of its session and its connection. */
import type { AdminList } from "../contract/admin-lists.ts";
import type { Session, SessionEndReason } from "../contract/contract.ts";
import type { ApiError, NetworkError } from "./errors.ts";

/**
 * What the last try met: no answer, or with `status` that of something in between (`NetworkError`),
 * or an answer of the API that it has failed or is too busy (`ApiError`).
 */
export type ConnectionFault = NetworkError | ApiError;

export type ClientState = {
  /**
   * `lost`: the last request met no server, something that is not the API, or a server that is too
   * busy to refresh. `unreached`: the same, and no answer of the API has come since the client was
   * created: its address may be wrong, or this origin not allowed. The client keeps trying.
   */
  readonly connection: "online" | "lost" | "unreached";
  /** Wherever the connection is not online. */
  readonly fault?: ConnectionFault;
} & (
  | { readonly status: "starting" }
  | { readonly status: "visitor" }
  | { readonly status: "signedIn"; readonly session: Session }
  /**
   * The session is over and requests wait: ask the user to sign in again, in a dialog over the
   * page. `session` is the one that ended, where it was known.
   */
  | {
      readonly status: "expired";
      readonly session: Session | null;
      readonly reason?: SessionEndReason;
    }
);

/** What a user may do, and the sections they may open, public ones included. */
export type Rights = Pick<Session, "roles" | "permissions" | "sections">;

/**
 * Each fires once for what it tells, after `state()` shows it; those about the user and their
 * rights in every tab and worker of the origin that has a client, those about the connection where
 * it was lost. What `start()` finds is no event: its answer tells who is signed in. A session that
 * is over is none either but a state, `expired`, out of which the same user may go on. A listener
 * that throws is reported like any error that nobody catches, and stops nothing.
 */
export interface ClientEvents {
  /**
   * A session has begun, here or in another tab: a sign-in, the setup of the first admin, or a
   * sign-in again after the last session was over. Not for a session that was there when the client
   * started. Where it is another user's, after `userChanged`.
   */
  signedIn: Session;
  /**
   * Another user has signed in, here or in another tab; requests of the one before were dropped.
   * The page has to reload.
   */
  userChanged: { readonly from: string; readonly to: string };
  /** The user signed out, here or in another tab. */
  signedOut: undefined;
  /**
   * The same user has other roles, other permissions or other sections than before: as a refresh or
   * `GET /session` has shown, here or in another tab, also where the user had to sign in again
   * between. Not when a section has only been renamed. Who listens to this hears of it without a
   * request, as with `sectionsChanged`.
   */
  permissionsChanged: { readonly before: Rights; readonly after: Rights };
  /**
   * The panels or the data of these permitted sections have changed; `null`: of any, since changes
   * may have been missed. Who listens to this lets the client follow the server's events: changes
   * of permissions and the end of the session then show in `state()` without a request. Not for
   * visitors, and not with cookies where the browser has no Web Locks.
   */
  sectionsChanged: { readonly slugs: readonly string[] | null };
  /**
   * These lists of the admin side have changed, of those that the user may read; `null`: of any,
   * since changes may have been missed. As with `sectionsChanged`.
   */
  listsChanged: { readonly lists: readonly AdminList[] | null };
  /**
   * The connection is no longer online: `state().fault` says what was met. Nobody is signed out by
   * it, and the client keeps trying.
   */
  connectionLost: undefined;
  /** The server answers again. */
  connectionRestored: undefined;
}
