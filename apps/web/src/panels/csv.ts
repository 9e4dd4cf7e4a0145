import { csvCell } from "@sallyport/shared/core";
import type { Column, Value } from "../ui/formats.ts";

const headOf = ({ label, unit }: Column): string =>
  csvCell(unit === undefined ? label : `${label} (${unit})`);

/**
 * Rows as a CSV file (RFC 4180) in UTF-8 with a byte order mark, which spreadsheets want. No text
 * in it is a formula. Numbers and times stand as the API has them.
 */
export const csvOf = (columns: readonly Column[], rows: readonly (readonly Value[])[]): string =>
  `\uFEFF${[columns.map(headOf).join(","), ...rows.map((row) => columns.map((_, index) => csvCell(row[index] ?? null)).join(","))].join("\r\n")}\r\n`;

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
