import type { Column, Value } from "../ui/formats.ts";

/**
 * Where a spreadsheet would begin a formula, and run it: at a sign of one, plain or of full width
 * as Asian keyboards write it, in front of a text, whatever cannot be seen before it; and, since
 * many read a file by semicolons or tabs that was written with commas, behind whatever may end a
 * cell there (https://owasp.org/www-community/attacks/CSV_Injection).
 */
const formulaInside = /[;\t\n\r|](?=(?:(?![\t\n\r])[\p{Z}\p{C}"'])*[=+\-@＝＋－＠])/gu;
const formulaStart = /^(?:(?![\t\n\r])[\p{Z}\p{C}"'])*[\t\n\r=+\-@＝＋－＠]/u;

const withoutFormulas = (text: string): string => {
  const quiet = text.replace(formulaInside, "$&'");
  return formulaStart.test(quiet) ? `'${quiet}` : quiet;
};

const cellOf = (value: Value): string => {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const text = withoutFormulas(value);
  return /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const headOf = ({ label, unit }: Column): string =>
  cellOf(unit === undefined ? label : `${label} (${unit})`);

/**
 * Rows as a CSV file (RFC 4180) in UTF-8 with a byte order mark, which spreadsheets want. No text
 * in it is a formula. Numbers and times stand as the API has them.
 */
export const csvOf = (columns: readonly Column[], rows: readonly (readonly Value[])[]): string =>
  `\uFEFF${[columns.map(headOf).join(","), ...rows.map((row) => columns.map((_, index) => cellOf(row[index] ?? null)).join(","))].join("\r\n")}\r\n`;

/**
 * `finance-worst-months-2026-11-22.csv`: letters and digits of any script, and nothing that a file
 * system minds.
 */
export const fileNameOf = (
  parts: readonly string[],
  extension: "csv" | "png",
  now: Date,
): string => {
  const name = parts
    .map((part) =>
      part
        .normalize("NFC")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
        .replaceAll(/^-|-$/g, ""),
    )
    .filter(Boolean)
    .join("-")
    .slice(0, 140);
  return `${name || "data"}-${now.toISOString().slice(0, 10)}.${extension}`;
};
