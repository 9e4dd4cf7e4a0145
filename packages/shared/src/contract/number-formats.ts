/**
 * Types of columns and formats of numbers, and which are for which. Without schemas, so that
 * threads can import it.
 */
export const columnTypes = ["text", "integer", "decimal", "boolean", "date", "timestamp"] as const;
export type ColumnType = (typeof columnTypes)[number];

export const numberStyles = ["plain", "compact", "percent", "code"] as const;

/** Only numbers have a format, and only a whole number is a code. */
export const fitsFormat = (
  type: ColumnType,
  format: { readonly style?: (typeof numberStyles)[number] },
): boolean => type === "integer" || (type === "decimal" && format.style !== "code");

export const formatMisfit = "Only numbers have a format, and only whole numbers are codes.";
