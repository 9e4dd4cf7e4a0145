/**
 * The stores of the core on SQLite. Reads go straight to the connection; every write goes through
 * the one writer.
 */
import type { QueryStore, Stores } from "@sallyport/shared/core";
import { createAccessRequestStore } from "./access-requests.ts";
import { createAuditStore } from "./audit.ts";
import { createChangeStore } from "./changes.ts";
import type { Database } from "./connection.ts";
import { createDatasetStore } from "./datasets.ts";
import { createDisplayLinkStore } from "./display-links.ts";
import { createGrantStore } from "./grants.ts";
import { createIdempotencyKeyStore } from "./idempotency-keys.ts";
import { createInstallationStore } from "./installation.ts";
import { createLimitStore } from "./limits.ts";
import { createNoticeStore } from "./notices.ts";
import { createOneUseTokenStore } from "./one-use-tokens.ts";
import { createOutboxStore } from "./outbox.ts";
import type { Imports } from "../imports.ts";
import type { Parts } from "./parts.ts";
import { createReadMemory } from "./read-memory.ts";
import { createRoleStore } from "./roles.ts";
import { createScheduledWorkStore } from "./scheduled-work.ts";
import { createSectionStore } from "./sections.ts";
import { createSessionStore } from "./sessions.ts";
import { createSignInCountStore } from "./sign-in-counts.ts";
import { createSigningKeyStore } from "./signing-keys.ts";
import { createUserStore } from "./users.ts";
import type { Writer } from "./writer.ts";

export const createSqliteStores = ({
  database,
  now,
  writer,
  imports,
  queries,
}: {
  readonly database: Database;
  readonly now: () => number;
  readonly writer: Writer;
  readonly imports: Imports;
  readonly queries: QueryStore;
}): Stores => {
  const parts: Parts = { ...database, now, writer, memory: createReadMemory(database.sqlite) };
  return {
    accessRequests: createAccessRequestStore(parts),
    audit: createAuditStore(parts),
    changes: createChangeStore(parts),
    datasets: createDatasetStore(parts, imports.sweepSoon),
    displayLinks: createDisplayLinkStore(parts),
    grants: createGrantStore(parts),
    idempotencyKeys: createIdempotencyKeyStore(parts),
    imports,
    installation: createInstallationStore(parts),
    limits: createLimitStore(),
    notices: createNoticeStore(parts),
    oneUseTokens: createOneUseTokenStore(parts),
    outbox: createOutboxStore(parts),
    queries,
    roles: createRoleStore(parts),
    scheduledWork: createScheduledWorkStore(parts),
    sections: createSectionStore(parts),
    sessions: createSessionStore(parts),
    signInCounts: createSignInCountStore(),
    signingKeys: createSigningKeyStore(parts),
    users: createUserStore(parts),
  };
};
