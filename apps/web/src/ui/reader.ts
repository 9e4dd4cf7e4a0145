/**
 * The language of dates and numbers and the time zone that a reader has chosen; the browser's where
 * they have not. Everything that the SPA writes in a language is made here.
 */
interface Reader {
  readonly language?: string;
  readonly timeZone?: string;
}

let reader: Reader = {};

/** Making one takes longer than using it, and a table uses the same in every row. */
const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
const mostKept = 500;
const keep = <Format extends Intl.NumberFormat | Intl.DateTimeFormat>(
  key: string,
  make: () => Format,
): Format => {
  const known = kept.get(key);
  if (known) return known as Format;
  if (kept.size >= mostKept) kept.clear();
  const made = make();
  kept.set(key, made);
  return made;
};

const isKnownZone = (timeZone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
};
const isKnownLanguage = (language: string): boolean => {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(language).length > 0;
  } catch {
    return false;
  }
};

/** What this browser does not know is as if it had not been chosen. */
export const setReader = ({ language, timeZone }: Reader): void => {
  kept.clear();
  reader = {
    ...(language !== undefined && isKnownLanguage(language) && { language }),
    ...(timeZone !== undefined && isKnownZone(timeZone) && { timeZone }),
  };
};

/** @param locale where it is not the reader's that counts */
export const numberFormat = (
  locale?: string,
  options?: Intl.NumberFormatOptions,
): Intl.NumberFormat =>
  keep(
    `number ${locale} ${JSON.stringify(options)}`,
    () => new Intl.NumberFormat(locale ?? reader.language, options),
  );

/** By the reader's clocks where the options name no time zone. */
export const dateFormat = (
  locale?: string,
  options?: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat =>
  keep(
    `date ${locale} ${JSON.stringify(options)}`,
    () =>
      new Intl.DateTimeFormat(locale ?? reader.language, {
        ...(reader.timeZone !== undefined && { timeZone: reader.timeZone }),
        ...options,
      }),
  );

/** A whole number of things. */
export const formatCount = (count: number): string => numberFormat().format(count);
