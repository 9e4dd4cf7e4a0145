/** The stores of the core in the memory of a page. */
import type { Stores } from "../../core/core.ts";
import { createAuditStore } from "./audit.ts";
import { createChangeStore } from "./changes.ts";
import { fetchedStore } from "./fetched-store.ts";
import { createIdempotencyKeyStore } from "./idempotency-keys.ts";
import { createInstallationStore } from "./installation.ts";
import { createLimitStore } from "./limits.ts";
import { createNoticeStore } from "./notices.ts";
import { createOneUseTokenStore } from "./one-use-tokens.ts";
import type { Parts } from "./parts.ts";
import { createQueryStore } from "./queries.ts";
import { createScheduledWorkStore } from "./scheduled-work.ts";
import { createSectionStore } from "./sections.ts";
import { createSessionStore } from "./sessions.ts";
import { createSignInCountStore } from "./sign-in-counts.ts";
import { createSigningKeyStore } from "./signing-keys.ts";
import { createUserStore } from "./users.ts";

/** What only administration asks, and few pages with a mock. */
const fetchAdministration = () => import("../administration.ts");

/** @param countChanges how often something may have changed so far */
export const createMemoryStores = (parts: Parts, countChanges: () => number): Stores => ({
  accessRequests: fetchedStore(
    async () => (await fetchAdministration()).createAccessRequestStore(parts),
    { readOf: true, find: true, ask: true, list: true, read: true, answer: true, purge: true },
  ),
  audit: createAuditStore(parts),
  changes: createChangeStore(parts, countChanges),
  datasets: fetchedStore(async () => (await fetchAdministration()).createDatasetStore(parts), {
    list: true,
    search: true,
    readers: true,
    measure: true,
    find: true,
    add: true,
    apply: true,
    remove: true,
  }),
  displayLinks: fetchedStore(
    async () => (await fetchAdministration()).createDisplayLinkStore(parts),
    {
      list: true,
      read: true,
      findByToken: true,
      add: true,
      remove: true,
      noteSeen: true,
      purge: true,
    },
  ),
  grants: fetchedStore(async () => (await fetchAdministration()).createGrantStore(parts), {
    list: true,
    find: true,
    apply: true,
    purge: true,
  }),
  idempotencyKeys: createIdempotencyKeyStore(parts),
  imports: fetchedStore(async () => (await fetchAdministration()).createImportStore(parts), {
    receive: true,
    start: true,
    expect: true,
    findPlan: true,
    cancel: true,
    find: true,
    deleteRows: true,
    ensureIndexes: true,
    detect: true,
  }),
  installation: createInstallationStore(),
  limits: createLimitStore(parts),
  notices: createNoticeStore(parts),
  oneUseTokens: createOneUseTokenStore(parts),
  outbox: fetchedStore(async () => (await fetchAdministration()).createOutboxStore(parts), {
    addLink: true,
    listDue: true,
    claim: true,
    forget: true,
    noteFailure: true,
    listUndelivered: true,
    purge: true,
  }),
  queries: createQueryStore(parts),
  roles: fetchedStore(async () => (await fetchAdministration()).createRoleStore(parts), {
    list: true,
    read: true,
    readMembers: true,
    readRights: true,
    countUsers: true,
    add: true,
    apply: true,
    remove: true,
  }),
  scheduledWork: createScheduledWorkStore(),
  sections: createSectionStore(parts),
  sessions: createSessionStore(parts),
  signInCounts: createSignInCountStore(parts),
  signingKeys: createSigningKeyStore(),
  users: {
    ...createUserStore(parts),
    ...fetchedStore(async () => (await fetchAdministration()).createAdministeredUserStore(parts), {
      read: true,
      list: true,
      readReasons: true,
      findTaken: true,
      add: true,
      apply: true,
      applyOwn: true,
      remove: true,
      choosePassword: true,
      findByVerifiedEmail: true,
      verifyEmail: true,
      addAdmin: true,
    }),
  },
});
