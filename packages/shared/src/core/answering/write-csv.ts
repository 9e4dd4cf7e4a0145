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

/** A value as a cell of CSV (RFC 4180). No text is a formula in it. */
export const csvCell = (value: string | number | boolean | null): string => {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const text = withoutFormulas(value);
  return /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csvRecord = (values: readonly (string | number | boolean | null)[]): string =>
  `${values.map(csvCell).join(",")}\r\n`;
