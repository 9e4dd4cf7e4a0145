import type { PanelDefinition, SectionDefinition } from "../../contract/contract.ts";
import type { SectionVisibility } from "../access/decide-access.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { QueriedDataset } from "../datasets/dataset-store.ts";
import type { Applied, Awaitable } from "../awaitable.ts";

export interface SectionSummary {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly icon: string;
  readonly position: number;
  readonly visibility: SectionVisibility;
}

export type SectionLink = Pick<
  SectionSummary,
  "slug" | "title" | "icon" | "position" | "visibility"
>;

export interface SectionRow extends SectionSummary {
  /** How often an open page asks again; null for when something changes. */
  readonly refreshSeconds: number | null;
  /** The range of time that its page opens with, as an ISO 8601 duration; null for all of it. */
  readonly last: string | null;
  /** Rises with every edit, and with nothing else. */
  readonly version: number;
}

/** What whoever arranges sections is told of one. */
export interface SectionSettings extends SectionRow {
  readonly panelCount: number;
  /** Grants to this very section. */
  readonly grantCount: number;
  /** When it was edited last, in milliseconds since 1970. */
  readonly updatedAt: number;
}

export type SectionOrder = "position" | "title" | "slug" | "updatedAt";

/** Which sections are listed, and in which order; those of one rank are in that of their slugs. */
export interface SectionListing {
  readonly order: SectionOrder;
  readonly isDescending: boolean;
  /** Only those whose title or slug has this in it, whatever the case of letters from A to Z. */
  readonly contains: string | null;
  readonly visibility: SectionVisibility | null;
  /** Only those behind this place in the order: titles count without the case of A to Z. */
  readonly after: { readonly rank: string | number; readonly slug: string } | null;
  readonly limit: number;
}

/** A section in the navigation. */
export interface SectionPlace extends SectionLink {
  readonly id: string;
}

/** A panel with what its query has to know of the dataset; null for a panel without one. */
export interface PanelRow {
  readonly id: string;
  readonly definition: PanelDefinition;
  readonly dataset: QueriedDataset | null;
}

/** A section with its panels in order, as far as a file describes them. */
export interface StoredSection {
  readonly section: Omit<
    SectionDefinition,
    "$schema" | "panels" | "position" | "refreshSeconds" | "last"
  > & {
    readonly id: string;
    readonly position: number;
    readonly refreshSeconds: number | null;
    readonly last: string | null;
    readonly version: number;
  };
  readonly panels: readonly { readonly id: string; readonly definition: PanelDefinition }[];
}

/** What there is when sections are about to be written. */
export interface SectionsAsFound<D = QueriedDataset> {
  /** Another one when any of it has changed since. */
  readonly version: string;
  /** By slug, those that exist. */
  readonly sections: ReadonlyMap<string, StoredSection>;
  /** By name, those that exist. */
  readonly datasets: ReadonlyMap<string, D>;
  /** By slug, how many grants there are to each of these sections. */
  readonly grantCounts: ReadonlyMap<string, number>;
  /** The last place in the navigation that is taken; 0 where none is. */
  readonly lastPosition: number;
}

/**
 * A section as it is to be from now on, all of it. The datasets of its panels are among those
 * found. A slug that it had before leads to it from then on; one that it takes over leads nowhere
 * else.
 */
export interface SectionWrite {
  readonly at: number;
  readonly isNew: boolean;
  readonly stored: StoredSection;
  readonly audit: AuditEvent | null;
}

/** The section goes, and with it its panels, the grants to it, and slugs that it had. */
export interface SectionRemoval {
  readonly removedId: string;
  readonly audit: AuditEvent | null;
}

export type SectionChange = SectionWrite | SectionRemoval;

export interface SectionStore {
  /**
   * The section of this slug, or else the one that had it last. Null when there is none. What its
   * slug is now stands in the answer.
   */
  locate(slug: string): Awaitable<Pick<SectionSummary, "slug" | "visibility"> | null>;
  /**
   * The sections that somebody with these grants may open, public ones included, in order.
   * @param granted slugs, or the wildcard; none for a visitor
   */
  listLinks(granted: readonly string[]): Awaitable<readonly SectionLink[]>;
  /**
   * The same with all that is said of a section, at most `limit` of them, those behind a place in
   * the order.
   */
  list(
    granted: readonly string[],
    after: Pick<SectionLink, "position" | "slug"> | null,
    limit: number,
  ): Awaitable<readonly SectionSummary[]>;
  /** Those that are asked for, and how many there are on all pages. */
  listSettings(listing: SectionListing): Awaitable<{
    readonly sections: readonly SectionSettings[];
    readonly total: number;
  }>;
  /** Null when no section has this slug now. */
  readSettings(slug: string): Awaitable<SectionSettings | null>;
  /** Every section, in the order of the navigation. */
  readOrder(): Awaitable<readonly SectionPlace[]>;
  /**
   * Gives sections other places. Each of them has another version then.
   * @param expected all sections, as they were read
   * @param positions by id, of those that move
   */
  applyOrder(
    expected: readonly SectionPlace[],
    positions: ReadonlyMap<string, number>,
    audit: AuditEvent,
  ): Promise<Applied>;
  /**
   * A section and its panels in order, found as `locate` finds it. Costs the same number of reads
   * however many panels there are.
   */
  read(
    slug: string,
  ): Awaitable<{ readonly section: SectionRow; readonly panels: readonly PanelRow[] } | null>;
  /**
   * A panel is found only under its own section, whose `last` comes with it. The section is found
   * as `locate` finds it.
   */
  readPanel(
    slug: string,
    panelId: string,
  ): Awaitable<(PanelRow & { readonly sectionLast: string | null }) | null>;
  /** What there is of these, of one moment. Slugs of before lead to nothing here. */
  find(slugs: readonly string[], datasets: readonly string[]): Awaitable<SectionsAsFound>;
  /**
   * Writes and removes all of these sections, or none of them where what was found is no longer so.
   */
  apply(expectedVersion: string, changes: readonly SectionChange[]): Promise<Applied>;
}
