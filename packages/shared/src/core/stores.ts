/**
 * What the core asks of whatever keeps its data: a narrow store for each domain, plain rows in and
 * plain rows out.
 *
 * - What a store answers at once need not be awaited, so that a read is answered in the turn in
 *   which it came.
 * - Whatever changes something has it durable before it resolves, all of it or nothing.
 * - A decision reads rows with their version, decides, and has `apply` carry it out: `changed` says
 *   that the rows are no longer as they were, that nothing was written, and that it has to be
 *   decided again.
 * - A write that cannot be done now fails with the AppError `busy`, and nothing of it has been
 *   done, unless its words say that it may have been: then it can be read, and whoever sends it
 *   again is answered once it is durable.
 */
import type { AuditStore } from "./audit/audit-store.ts";
import type { AccessRequestStore } from "./access/access-request-store.ts";
import type { DisplayLinkStore } from "./access/display-link-store.ts";
import type { GrantStore } from "./access/grant-store.ts";
import type { ChangeStore } from "./changes/change-store.ts";
import type { DatasetStore } from "./datasets/dataset-store.ts";
import type { IdempotencyKeyStore } from "./idempotency/idempotency-key-store.ts";
import type { ImportStore } from "./datasets/import-store.ts";
import type { InstallationStore } from "./installation/installation-store.ts";
import type { LimitStore } from "./sessions/limit-store.ts";
import type { OutboxStore } from "./mail/outbox-store.ts";
import type { NoticeStore } from "./users/notice-store.ts";
import type { OneUseTokenStore } from "./users/one-use-token-store.ts";
import type { RoleStore } from "./users/role-store.ts";
import type { QueryStore } from "./queries/query-store.ts";
import type { ScheduledWorkStore } from "./scheduled-work/scheduled-work-store.ts";
import type { SectionStore } from "./sections/section-store.ts";
import type { SessionStore } from "./sessions/session-store.ts";
import type { SignInCountStore } from "./sessions/sign-in-count-store.ts";
import type { SigningKeyStore } from "./tokens/signing-key-store.ts";
import type { UserStore } from "./users/user-store.ts";

export interface Stores {
  readonly accessRequests: AccessRequestStore;
  readonly audit: AuditStore;
  readonly changes: ChangeStore;
  readonly datasets: DatasetStore;
  readonly displayLinks: DisplayLinkStore;
  readonly grants: GrantStore;
  readonly idempotencyKeys: IdempotencyKeyStore;
  readonly imports: ImportStore;
  readonly installation: InstallationStore;
  readonly limits: LimitStore;
  readonly notices: NoticeStore;
  readonly oneUseTokens: OneUseTokenStore;
  readonly outbox: OutboxStore;
  readonly queries: QueryStore;
  readonly roles: RoleStore;
  readonly scheduledWork: ScheduledWorkStore;
  readonly sections: SectionStore;
  readonly sessions: SessionStore;
  readonly signInCounts: SignInCountStore;
  readonly signingKeys: SigningKeyStore;
  readonly users: UserStore;
}
