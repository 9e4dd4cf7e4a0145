/**
 * Decisions that the server and the mock make alike. Pure: no Node, no HTTP framework, no database. Nor does it load any
 * schemas: threads that start with the first query import it.
 */
export {
  largestIssuedTokenBytes,
  largestTokenBytes,
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
export { addressesOf } from "./http/addresses.ts";
export {
  createTokenCookies,
  readCookie,
  type CookieMode,
  type TokenCookies,
} from "./http/cookies.ts";
export {
  readBasicCredentials,
  readBearerToken,
  readCredentials,
  readTokenCookie,
} from "./http/credentials.ts";
export {
  accessAsked,
  decideAccess,
  maySeeSection,
  type SectionVisibility,
} from "./access/decide-access.ts";
export {
  bodyLimitBytes,
  clockToleranceSeconds,
  defaults,
  keptNotices,
  setupLinkLifeMinutes,
} from "./defaults.ts";
export { describeSession } from "./sessions/describe-session.ts";
export { isKnown } from "./http/entity-tags.ts";
export { streamEvents, type StreamedEvent } from "./http/event-stream.ts";
export { allowedHeaders, exposedHeaders } from "./http/headers.ts";
export { decodeCursor, pageOf } from "./http/list-pages.ts";
export {
  createLiveChanges,
  type LiveChanges,
  type SectionMark,
  type SessionState,
} from "./sessions/live-changes.ts";
export { isLoopbackHost } from "./http/loopback.ts";
export { locateUnder } from "./http/locate.ts";
export {
  listProblems,
  problemPagePolicy,
  renderProblem,
  renderProblems,
  wantsPage,
} from "./http/problem-pages.ts";
export { createOrigins, type Origins } from "./http/origins.ts";
export { createRateLimit, type RateLimitEntry } from "./sessions/rate-limit.ts";
export {
  conflictWindowMilliseconds,
  decideRefresh,
  endOfSession,
  refusalOfRefresh,
  rotationsToRemember,
  type RefreshRefusal,
} from "./tokens/rotation.ts";
export { createRefreshLimits, type RefreshLimits } from "./sessions/refresh-limits.ts";
export {
  countInTable,
  createFailureColumns,
  type FailureColumns,
} from "./sessions/failure-table.ts";
export { admitAtOnce, type SignInCounts } from "./sessions/sign-in-limits.ts";
export {
  createSignInQueue,
  type AttemptUnderWay,
  type SignInQueue,
} from "./sessions/sign-in-queue.ts";
export { mostKnownDevices, nameDevice, readDevice } from "./sessions/known-devices.ts";
export { networkOf, networksOf } from "./http/networks.ts";
export { bodyTooLarge, uploadTooLarge } from "./http/too-large.ts";
export { notGzip, readUploadHeaders } from "./http/upload-headers.ts";
export { emailKey, usernameKey } from "./users/usernames.ts";
export type { Answer, Caller, HandlerWith, Ok } from "./http/endpoint.ts";
export { AppError, type ValidationIssue } from "./http/errors.ts";
export { checkPassword } from "./users/password-policy.ts";
export { challengeOf, explainCode, problemOf } from "./http/problem.ts";
export { inPlainWords } from "./http/issue-words.ts";
export {
  inputPartsOf,
  issuesOf,
  validateInput,
  validationFailed,
  type InputPart,
} from "./http/validation-issues.ts";
export {
  changeDataset,
  csvOptionsOf,
  datasetChanged,
  datasetInUse,
  datasetNameTaken,
  describeDataset,
  joinBytes,
  nullMarkersOf,
  readSample,
  rowFormats,
  rowRangeOf,
  unknownDataset,
  unknownImport,
  type CsvQuery,
  type DatasetChange,
  type RangeInWords,
} from "./datasets/change-dataset.ts";
export { detectColumns } from "./datasets/detect-columns.ts";
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
export {
  resolveQuery,
  rowCeiling,
  timeBoundsOf,
  type Asked,
  type DatasetShape,
  type Refused,
  type ResolvedFilter,
  type ResolvedKey,
  type ResolvedOrder,
  type ResultColumn,
  type SourceColumn,
} from "./queries/resolve-query.ts";
export {
  datasetsOf,
  decideImport,
  definitionOf,
  refuseDefinition,
  refuseOtherSlug,
  sectionSchemaAddress,
  unknownSection,
  type ImportDecision,
  type ImportedSection,
  type KeptDefinition,
  type Preconditions,
  type SectionsFound,
  type StoredSection,
} from "./sections/decide-import.ts";
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
  type QueryResult,
  type View,
  type Wanted,
} from "./sections/section-panels.ts";
