/** What is wrong with a section or a panel, and where. Pure. */
import type { Draft } from "./draft.ts";

export interface Issue {
  /** JSON pointer into what it is about: a panel, or the section's settings. */
  readonly pointer: string;
  readonly detail: string;
}

export interface IssuesOfSection {
  readonly settings: readonly Issue[];
  /** By the keys of the panels. */
  readonly panels: ReadonlyMap<string, readonly Issue[]>;
}

/** Those below a pointer, with pointers from there. */
export const issuesUnder = (
  errors: readonly { readonly pointer: string; readonly detail: string }[],
  pointer: string,
): Issue[] =>
  errors.flatMap((error) =>
    error.pointer === pointer || error.pointer.startsWith(`${pointer}/`)
      ? [{ pointer: error.pointer.slice(pointer.length), detail: error.detail }]
      : [],
  );

/** The server points into the file; a panel is known by its key, wherever it is moved to. */
export const issuesOfSection = (
  errors: readonly { readonly pointer: string; readonly detail: string }[],
  { panels }: Draft,
): IssuesOfSection => {
  const found = new Map<string, readonly Issue[]>();
  for (const [index, { key }] of panels.entries()) {
    const issues = issuesUnder(errors, `/panels/${index}`);
    if (issues.length > 0) found.set(key, issues);
  }
  return {
    settings: errors.flatMap(({ pointer, detail }) =>
      /^\/panels\/\d+(?:\/|$)/.test(pointer) ? [] : [{ pointer, detail }],
    ),
    panels: found,
  };
};

/**
 * Of the pointers of fields, the one that an issue belongs to: the field itself, what is nearest
 * around it, or the first one within it.
 */
export const fieldOf = (pointer: string, fields: readonly string[]): string | undefined => {
  const around = fields
    .filter((field) => pointer === field || pointer.startsWith(`${field}/`))
    .sort((one, other) => other.length - one.length);
  return around[0] ?? fields.find((field) => field.startsWith(`${pointer}/`));
};
