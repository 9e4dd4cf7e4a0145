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
  /** The last place in the navigation that is taken; 0 where none is. */
  readonly lastPosition: number;
}

/**
 * A section as it is to be from now on, all of it. The datasets of its panels are among those
 * found.
 */
export interface SectionChange {
  readonly at: number;
  readonly isNew: boolean;
  readonly stored: StoredSection;
  readonly audit: AuditEvent | null;
}

export interface SectionStore {
  /** Null when no such section exists. */
  readVisibility(slug: string): Awaitable<SectionVisibility | null>;
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
  /**
   * A section and its panels in order. Costs the same number of reads however many panels there
   * are.
   */
  read(
    slug: string,
  ): Awaitable<{ readonly section: SectionRow; readonly panels: readonly PanelRow[] } | null>;
  /** A panel is found only under its own section, whose `last` comes with it. */
  readPanel(
    slug: string,
    panelId: string,
  ): Awaitable<(PanelRow & { readonly sectionLast: string | null }) | null>;
  /** What there is of these, of one moment. */
  find(slugs: readonly string[], datasets: readonly string[]): Awaitable<SectionsAsFound>;
  /** Writes all of these sections, or none of them where what was found is no longer so. */
  apply(expectedVersion: string, changes: readonly SectionChange[]): Promise<Applied>;
}
