/** Addresses of sections: which ones nobody may have, and which one a title suggests. */
import type { ValidationIssue } from "../answering/errors.ts";

/**
 * Words that stand, or may stand one day, where a slug does in an address. The wildcard of grants
 * is none, since no slug has an underscore. Sections that have one of these from before keep it.
 */
const reserved: readonly string[] = ["all", "definition", "duplicate", "edit", "new", "order"];

/** What is wrong with this slug for a section that does not have it yet. */
export const reservedSlug = (slug: string): readonly ValidationIssue[] =>
  reserved.includes(slug)
    ? [
        {
          pointer: "/slug",
          code: "reserved_slug",
          detail: `No section can be called ${JSON.stringify(slug)}: the word has a meaning of its own in addresses.`,
        },
      ]
    : [];

const longest = 64;

/** Latin letters that are no letter with a mark, in ASCII. */
const inAscii: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

/** What a title suggests, as far as it has letters and digits that a slug can have. */
const suggestSlug = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþı]/g, (letter) => inAscii[letter] ?? "")
    .normalize("NFKD")
    .replaceAll(/\p{Mark}+/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, longest)
    .replaceAll(/^-|-$/g, "") || "section";

/** How many sections may have one title before a slug has to be chosen for the next. */
const mostSuggestions = 100;

/** Slugs for this title, the best first. Whoever makes a section takes the first that is free. */
export const suggestSlugs = (title: string): readonly string[] => {
  const slug = suggestSlug(title);
  return Array.from({ length: mostSuggestions }, (_, index) => {
    if (index === 0) return slug;
    const end = `-${index + 1}`;
    return `${slug.slice(0, longest - end.length).replace(/-$/, "")}${end}`;
  }).filter((one) => reservedSlug(one).length === 0);
};
