import type { AuditEvent } from "../audit/audit-store.ts";

/** Who has a grant. */
export type GrantHolder = { readonly userId: string } | { readonly roleId: string };

/** A user or a role may see a section, or every one, or may no longer. */
export interface GrantChange {
  readonly add: boolean;
  readonly holder: GrantHolder;
  /** A slug, or the wildcard. */
  readonly section: string;
}

export interface GrantStore {
  /**
   * In force on the next request of whomever it concerns.
   * @param audit written where something has changed, and only there
   */
  change(
    change: GrantChange,
    audit: AuditEvent,
  ): Promise<"changed" | "unchanged" | "noHolder" | "noSection">;
}
