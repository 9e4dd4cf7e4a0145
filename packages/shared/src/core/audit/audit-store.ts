import type { Awaitable } from "../awaitable.ts";
import type { AuditAction } from "../../contract/audit-actions.ts";

/** An event of the audit trail, before it is written. Times are in milliseconds since 1970. */
export interface AuditEvent {
  readonly at: number;
  readonly action: AuditAction;
  readonly result: "success" | "failure";
  /** Who did it; null where nobody is known to have. */
  readonly actorUserId?: string | null | undefined;
  readonly subjectType?:
    | "user"
    | "role"
    | "section"
    | "dataset"
    | "session"
    | "signing key"
    | null
    | undefined;
  readonly subjectId?: string | null | undefined;
  readonly sessionId?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The audit trail. Events can be added, and the oldest of them purged; nothing changes one, and the
 * store refuses whoever tries by hand. What tells of a change is written with that change, by the
 * store of what is changed.
 */
export interface AuditStore {
  /** Durable once it resolves. */
  add(event: AuditEvent): Promise<void>;
  /** Deletes the events of before then, the oldest first, in small batches. @returns how many */
  purge(before: number): Awaitable<number>;
}
