/**
 * Decisions that the server and the mock make alike. Pure: no Node, no HTTP framework, no database. Nor does it load any
 * schemas: threads that start with the first query import it.
 */
export { largestIssuedTokenBytes, largestTokenBytes, type AccessClaims } from "./access-claims.ts";
export { addressesOf } from "./addresses.ts";
export { createTokenCookies, readCookie, type CookieMode, type TokenCookies } from "./cookies.ts";
export { readBasicCredentials, readBearerToken, readCredentials, readTokenCookie } from "./credentials.ts";
export { accessAsked, decideAccess, maySeeSection, type SectionVisibility } from "./decide-access.ts";
export { bodyLimitBytes, clockToleranceSeconds, defaults, setupLinkLifeMinutes } from "./defaults.ts";
export { describeSession } from "./describe-session.ts";
export { isKnown } from "./entity-tags.ts";
export { streamEvents, type StreamedEvent } from "./event-stream.ts";
export { allowedHeaders, exposedHeaders } from "./headers.ts";
export { decodeCursor, pageOf } from "./list-pages.ts";
export { createLiveChanges, type LiveChanges, type SectionMark, type SessionState } from "./live-changes.ts";
export { createOrigins, type Origins } from "./origins.ts";
export { createRateLimit, type RateLimit, type RateLimitEntry } from "./rate-limit.ts";
export { conflictWindowMilliseconds, decideRefresh, endOfSession, rotationsToRemember } from "./rotation.ts";
export { createRefreshLimit, createSignInLimits, takeAttempt, type SignInLimits } from "./sign-in-limits.ts";
export { notGzip, readUploadHeaders } from "./upload-headers.ts";
export { emailKey, usernameKey } from "./usernames.ts";
export type { Answer, Caller, HandlerWith, Ok } from "./endpoint.ts";
export { AppError, type ValidationIssue } from "./errors.ts";
export { checkPassword } from "./password-policy.ts";
export { challengeOf, explainCode, problemOf } from "./problem.ts";
export { issuesOf, validateInput, validationFailed, type InputPart } from "./validation-issues.ts";
export {
  changeDataset,
  csvOptionsOf,
  datasetChanged,
  datasetInUse,
  datasetNameTaken,
  describeDataset,
  joinBytes,
  readSample,
  rowFormats,
  rowRangeOf,
  unknownDataset,
  unknownImport,
  type DatasetChange,
  type RangeInWords,
} from "./change-dataset.ts";
export { decodeText } from "./decode-text.ts";
export { detectColumns } from "./detect-columns.ts";
export { readCsvRows, recordOf, recordOptions, type CsvRecord } from "./read-csv-rows.ts";
export { createRowEncoder, NotJson, readJsonRows } from "./read-json-rows.ts";
export { recogniseCsv, recogniseEncoding, recogniseEncodingOf, refuseCompressed, sampleBytes, type CsvOptions } from "./recognise-csv.ts";
export { createSeriesReducer, reduceSeries, type Reduction } from "./reduce-series.ts";
export { issueCeiling, rejectionOf, RowsRejected, type RowFormat, type RowIssue } from "./rows-rejected.ts";
export { watchTimeBounds, type TimeBounds } from "./time-bounds.ts";
export { boundsOf, bucketOf, dayOf, lastUnits, type AskedRange, type StoredRange, type TimeLine } from "./time-ranges.ts";
export { timeZoneOf, type TimeZone } from "./time-zones.ts";
export { decodeValue, encodeText, encodeValue, type DecimalMark, type StoredValue } from "./values.ts";
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
} from "./resolve-query.ts";
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
} from "./decide-import.ts";
export {
  askedRangeOf,
  brokenPanel,
  daysOf,
  describePanel,
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
} from "./section-panels.ts";
