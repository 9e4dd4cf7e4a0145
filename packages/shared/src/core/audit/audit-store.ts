import type { Awaitable } from "../awaitable.ts";
import type { ListPlace } from "../look-through.ts";
import type { AuditAction } from "../../contract/audit-actions.ts";

/** An event of the audit trail, before it is written. Times are in milliseconds since 1970. */
export interface AuditEvent {
  readonly at: number;
  readonly action: AuditAction;
  readonly result: "success" | "failure";
  /** Who did it; null where nobody is known to have. */
  readonly actorUserId?: string | null | undefined;
  /** As they are called then; left out, the store looks it up. */
  readonly actorName?: string | null | undefined;
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
  /**
   * What it is called then, a section by its title; left out, the store looks it up as the event
   * is written. Named by whoever deletes it in the same change.
   */
  readonly subjectName?: string | null | undefined;
  readonly sessionId?: string | null | undefined;
  readonly address?: string | null | undefined;
  readonly userAgent?: string | null | undefined;
  readonly requestId?: string | null | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** An event as it was written. */
export type WrittenAuditEvent = {
  readonly [K in keyof Required<AuditEvent>]: K extends "at" | "result" | "detail"
    ? Exclude<AuditEvent[K], undefined>
    : K extends "action" | "subjectType"
      ? string | (K extends "action" ? never : null)
      : string | null;
} & { readonly id: string };

/** Which events are looked for: all those that fit every part that is there. */
export interface AuditFilter {
  readonly actorUserId?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly subjectId?: string | undefined;
  /** In milliseconds since 1970. */
  readonly from?: number | undefined;
  /** Events of before then. */
  readonly to?: number | undefined;
}

/**
 * The audit trail. Events can be added, and the oldest of them purged; nothing changes one, and the
 * store refuses whoever tries by hand. What tells of a change is written with that change, by the
 * store of what is changed.
 */
export interface AuditStore {
  /** Durable once it resolves. */
  add(event: AuditEvent): Promise<void>;
  /**
   * The newest first; of one moment, what was written last. It looks at a bounded number of events,
   * however many there are: where it has found too few by then, it gives those.
   * @param after where the page before ended; null to begin
   * @returns where to go on; null where nothing follows
   */
  read(
    filter: AuditFilter,
    after: ListPlace | null,
    limit: number,
  ): Awaitable<{
    readonly events: readonly WrittenAuditEvent[];
    readonly next: ListPlace | null;
  }>;
  /** Deletes the events of before then, the oldest first, in small batches. @returns how many */
  purge(before: number): Awaitable<number>;
}
