/** Which columns a format of numbers is for. Without schemas, so that rules and threads can import it. */
import type { ColumnType, NumberFormat } from "./queries.ts";

/** Only numbers have a format, and only a whole number is a code. */
export const fitsFormat = (type: ColumnType, format: NumberFormat): boolean =>
  type === "integer" || (type === "decimal" && format.style !== "code");

export const formatMisfit = "Only numbers have a format, and only whole numbers are codes.";
