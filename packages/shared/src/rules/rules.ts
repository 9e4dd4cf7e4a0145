/**
 * Decisions that the server and the mock make alike. Pure: no Node, no HTTP framework, no database. Nor does it load any
 * schemas: threads that start with the first query import it.
 */
export type { Answer, Caller, HandlerWith, Ok } from "./endpoint.ts";
export { AppError, type ValidationIssue } from "./errors.ts";
export { challengeOf, problemOf } from "./problem.ts";
export { issuesOf } from "./validation-issues.ts";
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
