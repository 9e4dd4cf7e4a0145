/** The stores of the core in the memory of a page. */
import type { Stores } from "../../core/core.ts";
import { createAccessRequestStore } from "./access-requests.ts";
import { createAuditStore } from "./audit.ts";
import { createChangeStore } from "./changes.ts";
import { createDatasetStore } from "./datasets.ts";
import { createDisplayLinkStore } from "./display-links.ts";
import { createGrantStore } from "./grants.ts";
import { createIdempotencyKeyStore } from "./idempotency-keys.ts";
import { createImportStore } from "./imports.ts";
import { createInstallationStore } from "./installation.ts";
import { createLimitStore } from "./limits.ts";
import { createNoticeStore } from "./notices.ts";
import { createOneUseTokenStore } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { createQueryStore } from "./queries.ts";
import { createRoleStore } from "./roles.ts";
import { createScheduledWorkStore } from "./scheduled-work.ts";
import { createSectionStore } from "./sections.ts";
import { createSessionStore } from "./sessions.ts";
import { createSignInCountStore } from "./sign-in-counts.ts";
import { createSigningKeyStore } from "./signing-keys.ts";
import { createUserStore } from "./users.ts";

/** @param countChanges how often something may have changed so far */
export const createMemoryStores = (parts: Parts, countChanges: () => number): Stores => ({
  accessRequests: createAccessRequestStore(parts),
  audit: createAuditStore(parts),
  changes: createChangeStore(parts, countChanges),
  datasets: createDatasetStore(parts),
  displayLinks: createDisplayLinkStore(parts),
  grants: createGrantStore(parts),
  idempotencyKeys: createIdempotencyKeyStore(parts),
  imports: createImportStore(parts),
  installation: createInstallationStore(),
  limits: createLimitStore(parts),
  notices: createNoticeStore(parts),
  oneUseTokens: createOneUseTokenStore(parts),
  queries: createQueryStore(parts),
  roles: createRoleStore(parts),
  scheduledWork: createScheduledWorkStore(),
  sections: createSectionStore(parts),
  sessions: createSessionStore(parts),
  signInCounts: createSignInCountStore(parts),
  signingKeys: createSigningKeyStore(),
  users: createUserStore(parts),
});
