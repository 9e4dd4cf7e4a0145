/** What one can choose of one's profile, in words. */
import type { Contract, ResponseBody, Session } from "@sallyport/shared/client";
import type { Tagged } from "../../session/tagged-query.ts";

export type Profile = Tagged<ResponseBody<Contract["GET /account"]>>;

export const fields = ["displayName", "language", "timeZone", "startPage", "colorScheme"] as const;
export type Field = (typeof fields)[number];

export const labels: Readonly<Record<Field, string>> = {
  displayName: "Name",
  language: "Dates and numbers as in",
  timeZone: "Time zone",
  startPage: "Start page",
  colorScheme: "Appearance",
};

/** What holds where nothing is chosen. */
const unchosen: Readonly<Record<Field, string>> = {
  displayName: "None",
  language: "As each browser has it",
  timeZone: "Each device’s own, and UTC in panels",
  startPage: "The first section",
  colorScheme: "As chosen in each browser",
};

export interface Option {
  readonly value: string;
  readonly title: string;
}

export const colorSchemes: readonly Option[] = [
  { value: "light", title: "Light" },
  { value: "dark", title: "Dark" },
  { value: "system", title: "As the system has it" },
];

/** Of those that Intl knows, which no browser lists, the ones that are asked for most. */
const languages =
  "ar bg ca cs da de de-AT de-CH el en-AU en-CA en-GB en-IE en-IN en-NZ en-US en-ZA es es-AR es-MX et fi fr fr-BE fr-CA fr-CH he hi hr hu id it it-CH ja ko lt lv ms nb nl nl-BE pl pt pt-BR ro ru sk sl sr sv th tr uk vi zh-CN zh-TW".split(
    " ",
  );

const nameOfLanguage = (tag: string): string => {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
};

const including = (known: readonly string[], chosen: string | null): readonly string[] =>
  chosen === null || known.includes(chosen) ? known : [...known, chosen];

export const languageOptions = (chosen: string | null): readonly Option[] =>
  including(languages, chosen)
    .map((value) => ({ value, title: nameOfLanguage(value) }))
    .sort((one, other) => (one.title < other.title ? -1 : 1));

export const timeZoneOptions = (chosen: string | null): readonly Option[] =>
  including(
    ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")],
    chosen,
  ).map((value) => ({ value, title: value.replaceAll("_", " ") }));

/** A value of the form, in which an empty text is no choice. */
export const valueInWords = (name: Field, value: string, sections: Session["sections"]): string => {
  if (value === "") return unchosen[name];
  if (name === "language") return nameOfLanguage(value);
  if (name === "timeZone") return value.replaceAll("_", " ");
  if (name === "colorScheme")
    return colorSchemes.find((scheme) => scheme.value === value)?.title ?? value;
  if (name === "startPage")
    return (
      sections.find(({ slug }) => slug === value)?.title ?? `${value}, which you may not open now`
    );
  return value;
};
