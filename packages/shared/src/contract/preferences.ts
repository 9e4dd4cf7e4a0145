/** What a person has chosen for themselves. It is kept with the user, and so on every device. */
import * as z from "zod";
import { slug } from "./definitions.ts";
import { timeZone } from "./queries.ts";

/** Read from the ICU data of whoever checks. */
const isLanguage = (tag: string): boolean => {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length === 1;
  } catch {
    return false;
  }
};

export const language = z
  .string()
  .max(64)
  .refine(isLanguage, "This must be a language that dates can be written in, such as en-GB.")
  .meta({
    description: "Of dates and numbers: a BCP 47 tag, such as `en-GB` or `de-CH`.",
    example: "en-GB",
  });

export const colorScheme = z.enum(["light", "dark", "system"]);

const ofReader = timeZone.meta({
  description:
    "An IANA time zone: of the dates that a page shows, and of every panel that fixes none.",
});
const startPage = slug.meta({
  description:
    "The slug of the section that comes first. Where it may not be opened (any more), it is passed over.",
});

/** Each as it was chosen, and left out where nothing is. */
export const preferences = z
  .object({
    language: language.exactOptional(),
    timeZone: ofReader.exactOptional(),
    startPage: startPage.exactOptional(),
    colorScheme: colorScheme.exactOptional(),
  })
  .meta({ id: "Preferences" });
export type Preferences = Readonly<z.output<typeof preferences>>;

/** The same where null stands for what is not chosen. */
export const preferencesOrNull = {
  language: language.nullable(),
  timeZone: ofReader.nullable(),
  startPage: startPage.nullable(),
  colorScheme: colorScheme.nullable(),
};
