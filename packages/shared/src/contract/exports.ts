/** Lists that are also answered as files, all of them at once. */
import * as z from "zod";

const mediaTypes = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;
type Format = keyof typeof mediaTypes;

const words = {
  csv: "`csv`: a record for each, under a head (RFC 4180, UTF-8). Where a spreadsheet would take a text for a formula, `'` stands in front of it.",
  ndjson: "`ndjson`: an object as in `items` on each line.",
} as const satisfies Record<Format, string>;

export const exportFormat = <const F extends readonly Format[]>(formats: F) =>
  z
    .enum(formats)
    .exactOptional()
    .meta({
      description: `In place of a page all of them, as a file; \`limit\` and \`cursor\` are passed over. ${formats.map((one) => words[one]).join(" ")}`,
    });

export const exportTypes = <const F extends readonly Format[]>(
  formats: F,
): { readonly [K in F[number]]: (typeof mediaTypes)[K] } =>
  Object.fromEntries(formats.map((one) => [one, mediaTypes[one]])) as never;
