import type { AuditEvent } from "../audit/audit-store.ts";
import type { Grant } from "./grant-store.ts";

/** What the audit trail tells of a grant whose row goes, since it has ended. Nobody does it. */
export const expiryOf = (
  { holder, section, expiresAt }: Pick<Grant, "holder" | "section" | "expiresAt">,
  at: number,
): AuditEvent => ({
  at,
  action: "grant.expire",
  result: "success",
  ...("userId" in holder
    ? { subjectType: "user", subjectId: holder.userId }
    : { subjectType: "role", subjectId: holder.roleId }),
  detail: {
    section,
    before: { expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() },
    after: null,
  },
});
