import type { TokenCookies } from "../answering/cookies.ts";
import type { Origins } from "../answering/origins.ts";
import type {
  AccessTokens,
  Chance,
  CsrfTokens,
  Digests,
  Passwords,
  RefreshTokens,
} from "../ports.ts";
import type { SectionStore } from "../sections/section-store.ts";
import type { NoticeStore } from "../users/notice-store.ts";
import type { OneUseTokenStore } from "../users/one-use-token-store.ts";
import type { UserStore } from "../users/user-store.ts";
import type { RefreshLimits } from "./refresh-limits.ts";
import type { RefusedSignIns } from "./refused-sign-ins.ts";
import type { SessionStore } from "./session-store.ts";
import type { SignInQueue } from "./sign-in-queue.ts";

/** What sessions are made from. */
export interface SessionDependencies {
  readonly stores: {
    readonly notices: NoticeStore;
    readonly oneUseTokens: OneUseTokenStore;
    readonly sections: Pick<SectionStore, "listLinks">;
    readonly sessions: SessionStore;
    readonly users: UserStore;
  };
  readonly chance: Chance;
  readonly digests: Digests;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly csrfTokens: CsrfTokens;
  readonly passwords: Passwords;
  readonly cookies: TokenCookies;
  readonly origins: Origins;
  readonly signInQueue: Pick<SignInQueue, "enter">;
  readonly refusedSignIns: Pick<RefusedSignIns, "record" | "store">;
  readonly refreshLimits: RefreshLimits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly idleMilliseconds: number;
  readonly absoluteMilliseconds: number;
  /** Whether mail goes anywhere from here. */
  readonly sendsMail: () => boolean;
  /** There is an admin: setup links are worth nothing any more. */
  readonly noteSetUp?: () => void;
}
