import type { PanelDefinition } from "../../contract/contract.ts";
import {
  definitionOf,
  hasQuery,
  maySeeSection,
  type PanelRow,
  type QueriedDataset,
  type SectionRow,
  type SectionsAsFound,
  type SectionStore,
  type SectionSummary,
  type StoredSection,
} from "../../core/core.ts";
import type { MockDataset, MockSection, MockState } from "../state.ts";
import { addEvent } from "./audit.ts";
import { shapeOf } from "./dataset-rows.ts";
import type { Parts } from "./parts.ts";

const compareTexts = (one: string, other: string): number =>
  one < other ? -1 : Number(one > other);

/** In the order in which they are listed. */
export const inOrder = (sections: readonly MockSection[]): MockSection[] =>
  sections.toSorted(
    ({ definition: one }, { definition: other }) =>
      one.position - other.position || compareTexts(one.slug, other.slug),
  );

export const findSection = (
  state: Pick<MockState, "sections">,
  slug: string,
): MockSection | undefined => state.sections.find(({ definition }) => definition.slug === slug);

const summaryOf = ({
  id,
  definition: { slug, title, description, icon, position, visibility },
}: MockSection): SectionSummary => ({ id, slug, title, description, icon, position, visibility });

const sectionRowOf = (section: MockSection): SectionRow => ({
  ...summaryOf(section),
  refreshSeconds: section.definition.refreshSeconds ?? null,
  last: section.definition.last ?? null,
});

const storedOf = (section: MockSection): StoredSection => ({
  section: sectionRowOf(section),
  panels: section.definition.panels.map((definition, index) => ({
    id: section.panelIds[index] ?? "",
    definition,
  })),
});

/** Its rows are read when somebody asks for their bounds, and not before. */
const queriedOf = (state: MockState, dataset: MockDataset): QueriedDataset => {
  const { name, columns, attribution, version } = dataset;
  return {
    name,
    tableName: name,
    columns,
    attribution,
    version,
    get timeBounds() {
      return shapeOf(state, dataset).timeBounds;
    },
  };
};

const datasetOf = (state: MockState, definition: PanelDefinition): QueriedDataset | null => {
  if (!hasQuery(definition)) return null;
  const found = state.datasets.find(({ name }) => name === definition.query.dataset);
  return found ? queriedOf(state, found) : null;
};

/** @param at milliseconds since 1970 */
export const sectionOf = ({ section, panels }: StoredSection, at: number): MockSection => ({
  id: section.id,
  definition: { ...definitionOf({ section, panels }), position: section.position },
  panelIds: panels.map(({ id }) => id),
  changedAt: at,
});

interface Seen {
  readonly slugs: readonly string[];
  readonly datasets: readonly string[];
  readonly marks: readonly (readonly [string, number])[];
  readonly lastPosition: number;
}

const find = (
  state: MockState,
  slugs: readonly string[],
  names: readonly string[],
): SectionsAsFound => {
  const sections = slugs.flatMap((slug) => findSection(state, slug) ?? []);
  const datasets = state.datasets.filter(({ name }) => names.includes(name));
  const lastPosition = Math.max(0, ...state.sections.map(({ definition }) => definition.position));
  const seen: Seen = {
    slugs,
    datasets: names,
    marks: [
      ...sections.map(({ id, changedAt }) => [id, changedAt] as const),
      ...datasets.map(({ id, version }) => [id, version] as const),
    ],
    lastPosition,
  };
  return {
    version: JSON.stringify(seen),
    sections: new Map(sections.map((one) => [one.definition.slug, storedOf(one)])),
    datasets: new Map(datasets.map((one) => [one.name, queriedOf(state, one)])),
    lastPosition,
  };
};

export const createSectionStore = (parts: Parts): SectionStore => {
  const { state } = parts;
  const permitted = (granted: readonly string[]): MockSection[] =>
    inOrder(state().sections).filter(({ definition }) =>
      maySeeSection(granted, definition.slug, definition.visibility),
    );
  return {
    readVisibility: (slug) => findSection(state(), slug)?.definition.visibility ?? null,
    listLinks: (granted) =>
      permitted(granted).map(({ definition: { slug, title, icon, position, visibility } }) => ({
        slug,
        title,
        icon,
        position,
        visibility,
      })),
    list: (granted, after, limit) =>
      permitted(granted)
        .filter(
          ({ definition: { position, slug } }) =>
            after === null ||
            position > after.position ||
            (position === after.position && slug > after.slug),
        )
        .slice(0, limit)
        .map(summaryOf),
    read: (slug) => {
      const section = findSection(state(), slug);
      return section
        ? {
            section: sectionRowOf(section),
            panels: storedOf(section).panels.map((panel): PanelRow => ({
              ...panel,
              dataset: datasetOf(state(), panel.definition),
            })),
          }
        : null;
    },
    readPanel: (slug, panelId) => {
      const section = findSection(state(), slug);
      const definition = section?.definition.panels[section.panelIds.indexOf(panelId)];
      return section && definition
        ? {
            id: panelId,
            definition,
            dataset: datasetOf(state(), definition),
            sectionLast: section.definition.last ?? null,
          }
        : null;
    },
    find: (slugs, names) => find(state(), slugs, names),
    apply: async (expectedVersion, changes) => {
      const found = state();
      const seen = JSON.parse(expectedVersion) as Seen;
      const now = find(found, seen.slugs, seen.datasets);
      if (now.version !== expectedVersion) return "changed";
      for (const { at, stored, audit } of changes) {
        const before = found.sections.find(({ id }) => id === stored.section.id);
        // Later than before in any case: open pages go by it.
        const section = sectionOf(stored, Math.max(at, (before?.changedAt ?? 0) + 1));
        found.sections = before
          ? found.sections.map((one) => (one === before ? section : one))
          : [...found.sections, section];
        if (audit) addEvent(parts, audit);
      }
      return "applied";
    },
  };
};
