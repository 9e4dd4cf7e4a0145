/**
 * The core: what the server and the mock have in common. No Node, no HTTP framework, no database.
 * Nor does this entry load any schemas, since threads that start with the first query import it;
 * what needs them is in `handlers.ts`.
 */
export {
  largestIssuedTokenBytes,
  largestTokenBytes,
  isAccessTokenOver,
  lifeOfAccessToken,
  readClaims,
  type AccessClaims,
} from "./tokens/access-claims.ts";
export {
  accessTokenAlgorithms,
  accessTokenUseOf,
  isKeyForUse,
  requireUseOfSession,
  type AccessTokenUse,
} from "./tokens/access-uses.ts";
export { addressesOf } from "./answering/addresses.ts";
export {
  createTokenCookies,
  readCookie,
  type CookieMode,
  type TokenCookies,
} from "./answering/cookies.ts";
export {
  readBasicCredentials,
  readBearerToken,
  readCredentials,
  readTokenCookie,
} from "./answering/credentials.ts";
export {
  accessAsked,
  decideAccess,
  maySeeSection,
  type SectionVisibility,
} from "./access/decide-access.ts";
export {
  coversRights,
  decideRightsChange,
  everyRight,
  requireRights,
  type Rights,
  type RightsChange,
} from "./access/decide-rights-change.ts";
export {
  bodyLimitBytes,
  clockToleranceSeconds,
  defaults,
  keptNotices,
  setupLinkLifeMinutes,
} from "./defaults.ts";
export { describeSession } from "./sessions/describe-session.ts";
export { escapeHtml } from "./answering/escape-html.ts";
export { isKnown } from "./answering/entity-tags.ts";
export { streamEvents, type StreamedEvent } from "./answering/event-stream.ts";
export { allowedHeaders, exposedHeaders } from "./answering/headers.ts";
export { decodeCursor, pageOf } from "./answering/list-pages.ts";
export { createLiveChanges, type LiveChanges } from "./changes/live-changes.ts";
export { isLoopbackHost } from "./answering/loopback.ts";
export { csvCell } from "./answering/write-csv.ts";
export { joinBytes } from "./answering/join-bytes.ts";
export { locateUnder } from "./answering/locate.ts";
export {
  listProblems,
  problemPagePolicy,
  renderProblem,
  renderProblems,
  wantsPage,
} from "./answering/problem-pages.ts";
export { createOrigins, type Origins } from "./answering/origins.ts";
export {
  createRateLimit,
  standingCount,
  type RateLimit,
  type Taken,
  type WindowCount,
  type WindowLimit,
} from "./answering/rate-limit.ts";
export {
  conflictWindowMilliseconds,
  decideRefresh,
  endOfSession,
  refusalOfRefresh,
  rotationsToRemember,
  type RefreshRefusal,
} from "./tokens/rotation.ts";
export type { LimitStore } from "./sessions/limit-store.ts";
export { createRefreshLimits, refreshLimitOf } from "./sessions/refresh-limits.ts";
export {
  createFailureColumns,
  createFailureTable,
  type FailureColumns,
  type FailureTable,
} from "./sessions/failure-table.ts";
export {
  admitAtOnce,
  countFailure,
  entranceOf,
  knock,
  type AttemptUnderWay,
  type SignInAttempt,
} from "./sessions/sign-in-limits.ts";
export type { CountedAttempt, SignInCountStore } from "./sessions/sign-in-count-store.ts";
export { bodyTooLarge, uploadTooLarge } from "./answering/too-large.ts";
export { createSignInQueue, type SignInQueue } from "./sessions/sign-in-queue.ts";
export { mostKnownDevices, nameDevice, readDevice } from "./sessions/known-devices.ts";
export { networkOf, networksOf } from "./answering/networks.ts";
export { notGzip, readUploadHeaders } from "./answering/upload-headers.ts";
export { displayNameKey, emailKey, usernameKey } from "./users/usernames.ts";
export type {
  Answer,
  Caller,
  Handler,
  Handlers,
  Ok,
  RequestContext,
} from "./answering/endpoint.ts";
export { AppError, type ValidationIssue } from "./answering/errors.ts";
export { checkPassword } from "./users/password-policy.ts";
export { challengeOf, explainCode, problemOf } from "./answering/problem.ts";
export { inPlainWords } from "./answering/issue-words.ts";
export {
  inputPartsOf,
  issuesOf,
  validateInput,
  validationFailed,
  type InputPart,
} from "./answering/validation-issues.ts";
export {
  changeDataset,
  csvOptionsOf,
  describeDataset,
  nullMarkersOf,
  readSample,
  rowFormats,
  rowRangeOf,
  type CsvQuery,
  type DatasetChange,
  type RangeInWords,
} from "./datasets/change-dataset.ts";
export {
  datasetChanged,
  datasetNameTaken,
  unknownDataset,
  unknownImport,
  type DatasetReader,
} from "./datasets/dataset-refusals.ts";
export { detectColumns, detectFile } from "./datasets/detect-columns.ts";
export { readCsv, type CsvTally } from "./datasets/read-csv.ts";
export { createRowEncoder, NotJson, readJsonRows } from "./datasets/read-json-rows.ts";
export {
  recogniseCsv,
  recogniseEncoding,
  recogniseEncodingOf,
  refuseCompressed,
  sampleBytes,
  type CsvOptions,
} from "./datasets/recognise-csv.ts";
export { createSeriesReducer, reduceSeries, type Reduction } from "./queries/reduce-series.ts";
export {
  issueCeiling,
  rejectionOf,
  RowsRejected,
  type BadRows,
  type RowFormat,
  type RowIssue,
} from "./datasets/rows-rejected.ts";
export { watchTimeBounds, type TimeBounds } from "./datasets/time-bounds.ts";
export {
  boundsOf,
  bucketOf,
  dayOf,
  lastUnits,
  type AskedRange,
  type StoredRange,
  type TimeLine,
} from "./queries/time-ranges.ts";
export { timeZoneOf, type TimeZone } from "./queries/time-zones.ts";
export {
  decodeValue,
  encodeText,
  encodeValue,
  type DecimalMark,
  type StoredValue,
} from "./datasets/values.ts";
export { describeResult, resolveQuery, rowCeiling, timeBoundsOf } from "./queries/resolve-query.ts";
export type {
  Asked,
  DatasetShape,
  Refused,
  ResolvedFilter,
  ResolvedKey,
  ResolvedOrder,
  ResolvedQuery,
  ResultColumn,
  SourceColumn,
} from "./queries/resolved-query.ts";
export { checkPanel } from "./sections/check-definition.ts";
export {
  datasetsOf,
  decideImport,
  refuseDefinition,
  refuseOtherSlug,
  sectionSchemaAddress,
  unknownSection,
  type ImportDecision,
  type ImportedSection,
  type Preconditions,
} from "./sections/decide-import.ts";
export { definitionOf, storedSectionOf, type KeptDefinition } from "./sections/section-as-file.ts";
export { foldCase } from "./answering/sorted-lists.ts";
export { rankOf } from "./sections/section-settings.ts";
export { rankOfDataset } from "./datasets/dataset-listing.ts";
export {
  askedRangeOf,
  brokenPanel,
  daysOf,
  describePanel,
  withoutPassword,
  failPanel,
  hasQuery,
  isData,
  panelErrorOf,
  QueryRefused,
  queryTimeout,
  readPanel,
  reductionOf,
  refusalOf,
  refuseParamsOfOtherKinds,
  type DataDefinition,
  type DataPanel,
  type View,
} from "./sections/section-panels.ts";
export { lookedAtInTurn, lookThrough, type ListPlace, type LookedAt } from "./look-through.ts";
export type { AuditFilter, WrittenAuditEvent } from "./audit/audit-store.ts";
export { createDisplays, displayTokenOf, type Displays } from "./access/displays.ts";
export type { DisplayLink, DisplayLinkStore, NewDisplayLink } from "./access/display-link-store.ts";
export { mostOpenRequests } from "./access/ask-for-access.ts";
export {
  askedOfNothing,
  keptRequestsMilliseconds,
  longestWaitMilliseconds,
} from "./access/waiting-in-vain.ts";
export type {
  AccessRequest,
  AccessRequestListing,
  AccessRequestStore,
  AskedSoFar,
  AskingWrites,
  NamedAccessRequest,
  RequestAnswer,
} from "./access/access-request-store.ts";
export type {
  FoundGrants,
  Grant,
  GrantFilter,
  GrantHolder,
  GrantPlace,
  GrantStore,
  GrantWrites,
  NamedGrant,
} from "./access/grant-store.ts";
export { expiryOf } from "./access/grant-expiry.ts";
export {
  endedBefore,
  endOfGrant,
  isInForce,
  sectionsInForce,
  type HeldGrant,
  type SectionsInForce,
} from "./access/grants-in-force.ts";
export { auditActions, type AuditAction } from "../contract/audit-actions.ts";
export type { AuditEvent, AuditStore } from "./audit/audit-store.ts";
export type { ChangeStore, ListMark, SectionMark } from "./changes/change-store.ts";
export type {
  Dataset,
  DatasetListing,
  DatasetStore,
  ListedDataset,
  QueriedDataset,
} from "./datasets/dataset-store.ts";
export type {
  FoundKeyUse,
  IdempotencyKeyStore,
  KeptAnswer,
  KeyUse,
  NewKeyUse,
} from "./idempotency/idempotency-key-store.ts";
export {
  createKeyedRequests,
  keptKeysMilliseconds,
  type KeyedRequests,
} from "./idempotency/keyed-requests.ts";
export type { InstallationStore } from "./installation/installation-store.ts";
export {
  createScheduledWork,
  ownJobs,
  sharedJobs,
  type JobRuns,
  type ScheduledWork,
} from "./scheduled-work/scheduled-work.ts";
export type { JobState, ScheduledWorkStore } from "./scheduled-work/scheduled-work-store.ts";
export type {
  PanelRow,
  SectionChange,
  SectionLink,
  SectionListing,
  SectionPlace,
  SectionRow,
  SectionSettings,
  SectionWrite,
  SectionsAsFound,
  SectionStore,
  SectionSummary,
  StoredSection,
} from "./sections/section-store.ts";
export type {
  DeviceHashes,
  FoundSession,
  NewSession,
  RotationWrites,
  SessionRow,
  PasswordWrites,
  SessionState,
  SessionStore,
  SessionWrites,
  ListedSession,
  SessionFilter,
} from "./sessions/session-store.ts";
export type { Applied, Awaitable } from "./awaitable.ts";
export type { Stores } from "./stores.ts";
export type { SigningKeyRow, SigningKeyStore } from "./tokens/signing-key-store.ts";
export { composeMail, writeMail } from "./mail/compose-mail.ts";
export type {
  LinkKind,
  MailKind,
  OutboxStore,
  UndeliveredMail,
  WaitingMail,
} from "./mail/outbox-store.ts";
export { createForgottenPasswords, type ForgottenPasswords } from "./people/forgotten-passwords.ts";
export { createMailSending, keptMailsMilliseconds, type MailSending } from "./mail/send-mails.ts";
export type { NewNotice, Notice, NoticeStore } from "./users/notice-store.ts";
export type { OneUseToken, OneUseTokenStore } from "./users/one-use-token-store.ts";
export { adminRole } from "./users/role-store.ts";
export type {
  ExpectedRights,
  FoundRole,
  Role,
  RoleRights,
  RoleStore,
  RoleWrites,
} from "./users/role-store.ts";
export type {
  DescribedUser,
  NamedRole,
  NewPerson,
  NewUser,
  RightsWithReasons,
  User,
  UserDetails,
  UserFilter,
  UserOrder,
  UserPage,
  UserPlace,
  UserRights,
  UserStore,
  UserWrites,
} from "./users/user-store.ts";
export { encodedRowsOf, standInFor, type EncodedRows } from "./answering/encode-answer.ts";
export { createFairQueue, type FairQueue } from "./answering/fair-queue.ts";
export {
  ours,
  queueCallerOf,
  queueCallerOfRecord,
  type QueueCaller,
} from "./answering/queue-callers.ts";
export type {
  Arrived,
  Author,
  DeletionOrder,
  ImportOrder,
  ImportPlan,
  ImportProblem,
  ImportResult,
  ImportStatus,
  ImportStore,
  StartedImport,
} from "./datasets/import-store.ts";
export type {
  AccessGrant,
  AccessTokens,
  Chance,
  CsrfTokens,
  Digests,
  Lots,
  IdPrefix,
  Mail,
  Mailer,
  Passwords,
  RefreshToken,
  RefreshTokens,
  Sealing,
} from "./ports.ts";
export {
  DatasetChanged,
  type QueryResult,
  type QueryStore,
  type Wanted,
} from "./queries/query-store.ts";
export { createIdentify } from "./sessions/identify.ts";
export { createRefusedSignIns, type RefusedSignIns } from "./sessions/refused-sign-ins.ts";
export { decideRotation, type Presented, type Rotation } from "./sessions/rotate.ts";
export { createAuthorize, type Authorize } from "./sessions/authorize.ts";
export { createDenials, type Denial } from "./audit/denials.ts";
export { createDatasetRegister, type DatasetRegister } from "./datasets/dataset-register.ts";
export { decodeBase64Url, encodeBase64Url } from "./answering/base64url.ts";
export {
  asInFile,
  expectedImport,
  importCancelled,
  importProblemOf,
  waitingImport,
  withoutSources,
} from "./datasets/import-status.ts";
