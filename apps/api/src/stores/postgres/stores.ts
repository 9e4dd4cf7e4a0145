/**
 * The stores of the core on PostgreSQL that there are so far. Each read is one statement; every
 * write goes through the writer.
 */
import type { Stores } from "@sallyport/shared/core";
import { createAccessRequestStore } from "./access-requests.ts";
import { createAuditStore } from "./audit.ts";
import type { Database } from "./connection.ts";
import { createDisplayLinkStore } from "./display-links.ts";
import { createGrantStore } from "./grants.ts";
import { createNoticeStore } from "./notices.ts";
import { createOneUseTokenStore } from "./one-use-tokens.ts";
import { createOutboxStore } from "./outbox.ts";
import type { Parts } from "./parts.ts";
import { createRoleStore } from "./roles.ts";
import { createSessionStore } from "./sessions.ts";
import { createUserStore } from "./users.ts";
import { createWriter } from "./writer.ts";

export type PostgresStores = Pick<
  Stores,
  | "accessRequests"
  | "audit"
  | "displayLinks"
  | "grants"
  | "notices"
  | "oneUseTokens"
  | "outbox"
  | "roles"
  | "sessions"
  | "users"
>;

export const createPostgresStores = (database: Database, now: () => number): PostgresStores => {
  const parts: Parts = { ...database, now, writer: createWriter(database.pool) };
  return {
    accessRequests: createAccessRequestStore(parts),
    audit: createAuditStore(parts),
    displayLinks: createDisplayLinkStore(parts),
    grants: createGrantStore(parts),
    notices: createNoticeStore(parts),
    oneUseTokens: createOneUseTokenStore(parts),
    outbox: createOutboxStore(parts),
    roles: createRoleStore(parts),
    sessions: createSessionStore(parts),
    users: createUserStore(parts),
  };
};
