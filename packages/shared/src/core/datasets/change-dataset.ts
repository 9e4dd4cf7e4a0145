/**
 * Requests that change datasets and their rows: what is asked, what is refused, and what comes of
 * it.
 */
import type {
  Contract,
  DatasetColumn,
  Encoding,
  NumberFormat,
  Upload,
} from "../../contract/contract.ts";
import { fitsFormat, formatMisfit } from "../../contract/number-formats.ts";
import { joinBytes } from "../answering/join-bytes.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { sampleBytes, type CsvOptions } from "./recognise-csv.ts";
import type { RowFormat } from "./rows-rejected.ts";
import { encodeText, type StoredValue } from "./values.ts";

export interface DatasetRecord {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly attribution: string | null;
  readonly columns: readonly DatasetColumn[];
  readonly rowCount: number;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

/** What a dataset says of itself. */
export const describeDataset = ({
  id,
  name,
  title,
  attribution,
  columns,
  rowCount,
  version,
  updatedAt,
}: DatasetRecord) => ({
  id,
  name,
  title,
  attribution,
  columns: [...columns],
  rowCount,
  version,
  updatedAt: new Date(updatedAt).toISOString(),
});

const invalid = (...errors: ValidationIssue[]): AppError =>
  new AppError("validation_failed", {
    detail: errors.map((issue) => `${issue.pointer}: ${issue.detail}`).join("; "),
    errors,
  });

export interface DatasetChange {
  readonly title?: string;
  readonly attribution?: string | null;
  readonly columns?: readonly {
    readonly name: string;
    readonly label?: string;
    readonly unit?: string | null;
    readonly format?: NumberFormat | null;
  }[];
}

type Changeable = Pick<DatasetRecord, "title" | "attribution" | "version"> & {
  readonly columns: DatasetColumn[];
};

/**
 * @returns what the dataset says of itself afterwards; null where that is what it said before; or
 * the error: columns that it does not have, and formats that do not fit theirs
 */
export const changeDataset = (
  before: Pick<DatasetRecord, "title" | "attribution" | "columns" | "version">,
  change: DatasetChange,
): Changeable | AppError | null => {
  const types = new Map(before.columns.map(({ name, type }) => [name, type]));
  const issues = (change.columns ?? []).flatMap(({ name, format }, index) => {
    const type = types.get(name);
    if (type === undefined)
      return [
        {
          pointer: `/columns/${index}/name`,
          code: "unknown_column",
          detail: `The dataset has no column ${JSON.stringify(name)}.`,
        },
      ];
    return format === undefined || format === null || fitsFormat(type, format)
      ? []
      : [{ pointer: `/columns/${index}/format`, code: "wrong_format", detail: formatMisfit }];
  });
  if (issues.length > 0) return invalid(...issues);
  const columns = before.columns.map(({ unit, format, ...column }): DatasetColumn => {
    const changed = change.columns?.findLast((one) => one.name === column.name);
    const newUnit = changed?.unit === undefined ? unit : (changed.unit ?? undefined);
    const newFormat = changed?.format === undefined ? format : (changed.format ?? undefined);
    return {
      ...column,
      label: changed?.label ?? column.label,
      ...(newUnit !== undefined && { unit: newUnit }),
      ...(newFormat !== undefined && { format: newFormat }),
    };
  });
  const areSame = JSON.stringify(columns) === JSON.stringify(before.columns);
  const after = {
    title: change.title ?? before.title,
    attribution: change.attribution === undefined ? before.attribution : change.attribution,
    columns,
  };
  if (areSame && after.title === before.title && after.attribution === before.attribution)
    return null;
  return { ...after, version: areSame ? before.version : before.version + 1 };
};

/** What a range names in words, for one column of a dataset. */
export interface RangeInWords {
  readonly column: string;
  readonly from?: string;
  readonly to?: string;
}

/**
 * The range as the column stores it; one bound may be null. @throws AppError `validation_failed`
 */
export const rowRangeOf = (
  columns: readonly DatasetColumn[],
  { column: name, from, to }: RangeInWords,
): { readonly from: StoredValue; readonly to: StoredValue } => {
  const column = columns.find((one) => one.name === name);
  if (column === undefined)
    throw invalid({
      pointer: "/query/column",
      code: "unknown_column",
      detail: `The dataset has no column ${JSON.stringify(name)}.`,
    });
  if (column.type === "boolean")
    throw invalid({
      pointer: "/query/column",
      code: "not_ordered",
      detail: "A boolean is neither less nor greater.",
    });
  const bound = (text: string | undefined, which: "from" | "to"): StoredValue => {
    if (text === undefined) return null;
    const encoded = encodeText(column.type, text);
    if (!encoded.ok || encoded.value === null)
      throw invalid({
        pointer: `/query/${which}`,
        code: "wrong_value_type",
        detail: encoded.ok ? "Not empty." : `Not ${encoded.expected}.`,
      });
    return encoded.value;
  };
  const range = { from: bound(from, "from"), to: bound(to, "to") };
  if (range.from === null && range.to === null)
    throw invalid({
      pointer: "/query/from",
      code: "bound_required",
      detail: "Name `from`, `to` or both.",
    });
  return range;
};

type RowsMediaType = Contract["POST /datasets/:name/rows"]["upload"][number];
export const rowFormats: Readonly<Record<RowsMediaType, RowFormat>> = {
  "text/csv": "csv",
  "application/json": "json",
  "application/x-ndjson": "ndjson",
};

/** Each encoding, and what else a content type may call it. */
const charsets: Readonly<Record<Encoding, readonly string[]>> = {
  "utf-8": ["utf8", "us-ascii"],
  "utf-16le": [],
  "utf-16be": [],
  "windows-1252": ["iso-8859-1", "latin1", "cp1252"],
};

/** The encoding that the caller names; the query's word counts before the header's. */
const encodingOf = (
  given: Encoding | undefined,
  charset: string | undefined,
): Encoding | undefined => {
  if (given !== undefined || charset === undefined) return given;
  const encodings = Object.keys(charsets) as Encoding[];
  const encoding = encodings.find((one) => one === charset || charsets[one].includes(charset));
  if (encoding === undefined)
    throw invalid({
      pointer: "/headers/content-type",
      code: "unknown_charset",
      detail: `The charset ${JSON.stringify(charset)} is not known here. There are: ${encodings.join(", ")}.`,
    });
  return encoding;
};

/** `NA,n/a,-` as a list. */
export const nullMarkersOf = (list: string): string[] =>
  list
    .split(",")
    .map((marker) => marker.trim())
    .filter((marker) => marker !== "");

/** What a query may say of a CSV file. */
export type CsvQuery = Omit<CsvOptions, "nullMarkers"> & { readonly nullMarkers?: string };

/** How the caller says that a CSV file is to be read. @throws AppError `validation_failed` */
export const csvOptionsOf = (
  { delimiter, encoding: given, decimal, header, nullMarkers }: CsvQuery,
  { mediaType, charset }: Pick<Upload, "mediaType" | "charset">,
): CsvOptions => {
  const encoding = encodingOf(given, mediaType === "text/csv" ? charset : undefined);
  return {
    ...(delimiter !== undefined && { delimiter }),
    ...(encoding !== undefined && { encoding }),
    ...(decimal !== undefined && { decimal }),
    ...(header !== undefined && { header }),
    ...(nullMarkers !== undefined && { nullMarkers: nullMarkersOf(nullMarkers) }),
  };
};

/**
 * The beginning of what arrives; the rest is received and forgotten, since not every client reads
 * an answer that comes before its body has gone.
 */
export const readSample = async (
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly sample: Uint8Array; readonly isCut: boolean }> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    if (size < sampleBytes) chunks.push(chunk);
    size += chunk.byteLength;
  }
  return { sample: joinBytes(chunks).subarray(0, sampleBytes), isCut: size > sampleBytes };
};
