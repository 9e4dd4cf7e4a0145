/**
 * Which grants count at a moment. One that ends writes nothing then: whoever reads rights looks at
 * the clock. An end is a whole second, as the expiry of an access token is, so that a token that
 * ends with it ends at the same moment.
 */
import { everySection } from "../../contract/permissions.ts";

/** What somebody has one grant by. Times are milliseconds since 1970. */
export interface HeldGrant {
  /** A slug, or the wildcard. */
  readonly section: string;
  /** Null for good. */
  readonly expiresAt: number | null;
}

export interface SectionsInForce {
  /** Slugs in order, or the wildcard alone. */
  readonly sections: readonly string[];
  /**
   * Each granted section once, the wildcard beside others, in order, and until when: the latest
   * end, to the second.
   */
  readonly grants: readonly HeldGrant[];
  /** When the first of these grants ends; null where none does. */
  readonly sectionsEndAt: number | null;
}

/** By hand an end may be written to the millisecond. */
export const endOfGrant = (expiresAt: number | null): number | null =>
  expiresAt === null ? null : expiresAt - (expiresAt % 1_000);

/** Rows with an end before this have ended by then. */
export const endedBefore = (at: number): number => at - (at % 1_000) + 1_000;

export const isInForce = ({ expiresAt }: Pick<HeldGrant, "expiresAt">, at: number): boolean =>
  expiresAt === null || (endOfGrant(expiresAt) ?? 0) > at;

/** Null is for good. */
export const lastsAsLong = (end: number | null, as: number | null): boolean =>
  end === null || (as !== null && (endOfGrant(end) ?? 0) >= (endOfGrant(as) ?? 0));

export const sectionsInForce = (grants: readonly HeldGrant[], at: number): SectionsInForce => {
  const counting = grants.filter((grant) => isInForce(grant, at));
  const latest = new Map<string, number | null>();
  for (const { section, expiresAt } of counting) {
    const end = endOfGrant(expiresAt);
    const known = latest.get(section);
    latest.set(section, known === undefined || lastsAsLong(end, known) ? end : known);
  }
  const slugs = [...latest.keys()].sort();
  const ends = counting.flatMap(({ expiresAt }) => endOfGrant(expiresAt) ?? []);
  return {
    sections: slugs.includes(everySection) ? [everySection] : slugs,
    grants: slugs.map((section) => ({ section, expiresAt: latest.get(section) ?? null })),
    sectionsEndAt: ends.length === 0 ? null : Math.min(...ends),
  };
};
