import type { PanelDefinition } from "../../contract/contract.ts";
import {
  askedOfNothing,
  foldCase,
  hasQuery,
  maySeeSection,
  rankOf,
  type PanelRow,
  type QueriedDataset,
  type SectionPlace,
  type SectionRow,
  type SectionSettings,
  type SectionsAsFound,
  type SectionStore,
  type SectionSummary,
  type SectionWrite,
  type StoredSection,
} from "../../core/core.ts";
import type { MockDataset, MockSection, MockState } from "../state.ts";
import { sectionOf } from "../content.ts";
import { changeRights } from "../world.ts";
import { addEvent } from "./audit.ts";
import { shapeOf } from "./dataset-rows.ts";
import { compareRanked, type RankedPlace } from "./ranked-rows.ts";
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
  version: section.version,
});

const grantsTo = (state: Pick<MockState, "grants">, slug: string): number =>
  state.grants.filter(({ section }) => section === slug).length;

const settingsOf = (state: MockState, section: MockSection): SectionSettings => ({
  ...sectionRowOf(section),
  panelCount: section.panelIds.length,
  grantCount: grantsTo(state, section.definition.slug),
  updatedAt: section.changedAt,
});

/** By its slug, or by one that it had. */
export const locateSection = (
  state: Pick<MockState, "sections">,
  slug: string,
): MockSection | undefined =>
  findSection(state, slug) ?? state.sections.find(({ formerSlugs }) => formerSlugs.includes(slug));

const placeOf = ({
  id,
  definition: { slug, title, icon, position, visibility },
}: MockSection): SectionPlace => ({ id, slug, title, icon, position, visibility });

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

interface Seen {
  readonly slugs: readonly string[];
  readonly datasets: readonly string[];
  readonly marks: readonly (readonly [string, number])[];
  readonly grants: readonly number[];
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
    grants: sections.map(({ definition }) => grantsTo(state, definition.slug)),
    lastPosition,
  };
  return {
    version: JSON.stringify(seen),
    sections: new Map(sections.map((one) => [one.definition.slug, storedOf(one)])),
    datasets: new Map(datasets.map((one) => [one.name, queriedOf(state, one)])),
    grantCounts: new Map(sections.map(({ definition: { slug } }) => [slug, grantsTo(state, slug)])),
    lastPosition,
  };
};

export const createSectionStore = (parts: Parts): SectionStore => {
  const { state, now } = parts;

  const write = (found: MockState, { at, stored }: SectionWrite): void => {
    const before = found.sections.find(({ id }) => id === stored.section.id);
    const { slug } = stored.section;
    const was = before?.definition.slug ?? slug;
    const former = [...(before?.formerSlugs ?? []), was].filter((one) => one !== slug);
    // Later than before in any case: open pages go by it.
    const section = sectionOf(stored, Math.max(at, (before?.changedAt ?? 0) + 1), former);
    // Grants are to the section, whatever it is called.
    changeRights({ state: found, now }, () => {
      found.sections = (
        before
          ? found.sections.map((one) => (one === before ? section : one))
          : [...found.sections, section]
      ).map((one) =>
        one.formerSlugs.includes(slug)
          ? { ...one, formerSlugs: one.formerSlugs.filter((other) => other !== slug) }
          : one,
      );
      if (was !== slug)
        found.grants = found.grants.map((grant) =>
          grant.section === was ? { ...grant, section: slug } : grant,
        );
    });
  };
  const remove = (found: MockState, removedId: string): void => {
    const gone = found.sections.find(({ id }) => id === removedId)?.definition.slug;
    changeRights({ state: found, now }, () => {
      found.sections = found.sections.filter(({ id }) => id !== removedId);
      found.displayLinks = found.displayLinks.filter(({ sectionId }) => sectionId !== removedId);
      found.accessRequests = found.accessRequests.map((one) =>
        one.sectionId === removedId ? askedOfNothing(one) : one,
      );
      found.grants = found.grants.filter(({ section }) => section !== gone);
    });
  };
  const permitted = (granted: readonly string[]): MockSection[] =>
    inOrder(state().sections).filter(({ definition }) =>
      maySeeSection(granted, definition.slug, definition.visibility),
    );
  return {
    locate: (slug) => {
      const found = locateSection(state(), slug);
      return found ? summaryOf(found) : null;
    },
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
    listSettings: ({ order, isDescending, contains, visibility, after, limit }) => {
      const found = state()
        .sections.map((section) => settingsOf(state(), section))
        .filter(
          (one) =>
            (contains === null ||
              foldCase(one.title).includes(contains) ||
              one.slug.includes(contains)) &&
            (visibility === null || one.visibility === visibility),
        );
      const compare = compareRanked(isDescending);
      const placeIn = (one: SectionSettings): RankedPlace => [rankOf(order, one), one.slug];
      return {
        sections: found
          .toSorted((one, other) => compare(placeIn(one), placeIn(other)))
          .filter((one) => after === null || compare(placeIn(one), [after.rank, after.slug]) > 0)
          .slice(0, limit),
        total: found.length,
      };
    },
    readSettings: (slug) => {
      const section = findSection(state(), slug);
      return section ? settingsOf(state(), section) : null;
    },
    readOrder: () => inOrder(state().sections).map(placeOf),
    applyOrder: async (expected, positions, audit) => {
      const found = state();
      if (JSON.stringify(inOrder(found.sections).map(placeOf)) !== JSON.stringify(expected))
        return "changed";
      found.sections = found.sections.map((section) => {
        const position = positions.get(section.id);
        return position === undefined
          ? section
          : {
              ...section,
              definition: { ...section.definition, position },
              version: section.version + 1,
            };
      });
      addEvent(parts, audit);
      return "applied";
    },
    read: (slug) => {
      const section = locateSection(state(), slug);
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
      const section = locateSection(state(), slug);
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
      for (const change of changes) {
        if ("removedId" in change) remove(found, change.removedId);
        else write(found, change);
        if (change.audit) addEvent(parts, change.audit);
      }
      return "applied";
    },
  };
};
