import type { Session } from "../../contract/session.ts";
import type { Preferences } from "../../contract/preferences.ts";
import { permissions as everyPermission } from "../../contract/permissions.ts";

/** What a session is told of. Times are in milliseconds since 1970. */
export interface Described {
  readonly user: Session["user"];
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** The sections the user may open, in order. */
  readonly links: readonly Session["sections"][number][];
  readonly session: {
    readonly id: string;
    readonly idleExpiresAt: number;
    readonly absoluteExpiresAt: number;
    readonly remembered: boolean;
  };
  readonly preferences: Preferences;
  readonly accessExpiresAt: number;
  readonly csrfToken: string;
  /** Oldest first. */
  readonly notices: readonly {
    readonly id: string;
    readonly kind: Session["notices"][number]["kind"];
    readonly at: number;
    readonly data: Readonly<Record<string, string>>;
  }[];
  readonly now: number;
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** @param sessionId where they are told; that it has begun on a new device is no news there */
export const describeNotices = (
  notices: Described["notices"],
  sessionId: string | null,
): Session["notices"] =>
  notices
    .filter(({ kind, data }) => kind !== "signedInOnNewDevice" || data["sessionId"] !== sessionId)
    .map(({ id, kind, at, data }) => ({ id, kind, at: iso(at), data }));

/** The Session of the contract, without tokens. */
export const describeSession = ({
  user,
  roles,
  permissions,
  links,
  session,
  preferences,
  accessExpiresAt,
  csrfToken,
  notices,
  now,
}: Described): Session => ({
  status: "signedIn",
  user: { id: user.id, username: user.username, email: user.email, displayName: user.displayName },
  roles: [...roles],
  // One may be named that this version does not know: it gives nothing.
  permissions: everyPermission.filter((permission) => permissions.includes(permission)),
  sections: [...links],
  session: {
    id: session.id,
    idleExpiresAt: iso(session.idleExpiresAt),
    absoluteExpiresAt: iso(session.absoluteExpiresAt),
    ...(!session.remembered && { remembered: false }),
  },
  accessExpiresAt: iso(accessExpiresAt),
  expiresIn: Math.max(0, Math.floor((accessExpiresAt - now) / 1000)),
  ...(Object.keys(preferences).length > 0 && { preferences }),
  csrfToken,
  notices: describeNotices(notices, session.id),
});
