/**
 * How the numbers of a column are written where nobody has said it: recognised by its name, and by
 * the texts of a file.
 */
import type { DatasetColumn, NumberFormat } from "../../contract/contract.ts";

const code: NumberFormat = { style: "code" };

/** Numbers called so are names: nobody adds them up. */
const codeWords = new Set(
  "id ids uuid code codes zip zipcode postcode plz pin sku isbn ean gtin iban phone fips".split(
    " ",
  ),
);
/** `year` alone, or the year of something. Sales per year, or those of this one, are an amount. */
const yearsOf = new Set(
  "birth calendar end financial fiscal founding founded from hire model release school start tax to".split(
    " ",
  ),
);

const wordsOf = (name: string): readonly string[] =>
  name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

const isYear = (words: readonly string[]): boolean =>
  words.at(-1) === "year" && words.slice(0, -1).every((word) => yearsOf.has(word));

/** What the column says of its numbers, or what its name says. */
export const numberFormatOf = ({
  name,
  type,
  unit,
  format,
}: DatasetColumn): NumberFormat | undefined => {
  if (format !== undefined || type !== "integer" || unit !== undefined) return format;
  const words = wordsOf(name);
  return codeWords.has(words.at(-1) ?? "") || isYear(words) ? code : undefined;
};

const mostFixedDigits = 4;

/**
 * What the texts of a column say of it: years, and decimals that all have the same digits, as
 * prices do.
 * @param texts of one column of a file, none of them empty
 */
export const detectNumberFormat = (
  name: string,
  type: DatasetColumn["type"],
  texts: readonly string[],
): NumberFormat | undefined => {
  if (texts.length === 0) return undefined;
  if (type === "integer")
    return wordsOf(name).some((word) => word === "year" || word === "yr") &&
      texts.every((text) => /^[12]\d{3}$/.test(text.trim()))
      ? code
      : numberFormatOf({ name, label: name, type });
  if (type !== "decimal") return undefined;
  const [digits = 0, ...others] = new Set(
    texts.map((text) => /[.,](\d+)$/.exec(text.trim())?.[1]?.length ?? 0),
  );
  return texts.length > 1 && others.length === 0 && digits > 0 && digits <= mostFixedDigits
    ? { digits }
    : undefined;
};
