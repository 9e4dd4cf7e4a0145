/**
 * What every store has to do, whatever database is behind it: the promises of the interfaces of the
 * core, by domain, for whoever keeps data, also for one that keeps some domains only. It knows no
 * test runner and no Node. Each promise is run on an installation with the sample's people of its
 * own.
 */
import { ofAccessRequests } from "./store-promises/access-requests.ts";
import { ofAudit } from "./store-promises/audit.ts";
import { ofChanges } from "./store-promises/changes.ts";
import { ofDatasets } from "./store-promises/datasets.ts";
import { ofDisplayLinks } from "./store-promises/display-links.ts";
import { ofGrants } from "./store-promises/grants.ts";
import { ofIdempotencyKeys } from "./store-promises/idempotency-keys.ts";
import { ofLimits } from "./store-promises/limits.ts";
import { ofNotices } from "./store-promises/notices.ts";
import { ofOneUseTokens } from "./store-promises/one-use-tokens.ts";
import { ofOutbox } from "./store-promises/outbox.ts";
import { ofRoles } from "./store-promises/roles.ts";
import { ofScheduledWork } from "./store-promises/scheduled-work.ts";
import { ofSections } from "./store-promises/sections.ts";
import { ofSessions } from "./store-promises/sessions.ts";
import { ofSignInCounts } from "./store-promises/sign-in-counts.ts";
import { ofSigningKeys } from "./store-promises/signing-keys.ts";
import { ofUsers } from "./store-promises/users.ts";

export type { Database, StorePromise, StoreSubject } from "./store-promises/promise.ts";

export const storePromises = {
  accessRequests: ofAccessRequests,
  audit: ofAudit,
  changes: ofChanges,
  datasets: ofDatasets,
  displayLinks: ofDisplayLinks,
  grants: ofGrants,
  idempotencyKeys: ofIdempotencyKeys,
  limits: ofLimits,
  notices: ofNotices,
  oneUseTokens: ofOneUseTokens,
  outbox: ofOutbox,
  roles: ofRoles,
  scheduledWork: ofScheduledWork,
  sections: ofSections,
  sessions: ofSessions,
  signInCounts: ofSignInCounts,
  signingKeys: ofSigningKeys,
  users: ofUsers,
};
