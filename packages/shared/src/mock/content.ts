import { readSampleSections, sampleDatasets } from "../sample/sample.ts";
import {
  definitionOf,
  storedSectionOf,
  type IdPrefix,
  type KeptDefinition,
  type StoredSection,
} from "../core/core.ts";
import type { MockDataset, MockSection, MockState } from "./state.ts";

/**
 * How long before the mock begins its content was made. A page that listens for changes asks for
 * those since it was opened, and the mock of a page begins just before it.
 */
export const contentAgeMilliseconds = 24 * 60 * 60 * 1000;

const madeUp = "Made up for the mock: none of these numbers is true.";

/**
 * The sample's section over rows that are made up. Its title, its charts and its words name real
 * things, which the numbers say nothing of; so the page says that first, wherever it is read.
 */
const sayMadeUp = (section: KeptDefinition): KeptDefinition => ({
  ...section,
  description: `Invented numbers. ${section.description}`.trim(),
  panels: section.panels.map((panel) =>
    panel.kind === "markdown"
      ? {
          ...panel,
          text: `**The numbers on this page are invented.** No source gave them, and what is said of real ones does not hold for them.\n\n${panel.text.replace(/ At the foot of the page stands where its numbers come from\./, "")}`,
        }
      : panel,
  ),
});

/** @param at milliseconds since 1970 */
export const sectionOf = (
  { section, panels }: StoredSection,
  at: number,
  formerSlugs: readonly string[] = [],
): MockSection => ({
  id: section.id,
  formerSlugs,
  version: section.version,
  definition: { ...definitionOf({ section, panels }), position: section.position },
  panelIds: panels.map(({ id }) => id),
  changedAt: at,
});

/**
 * The sections and the datasets that the mock begins with: the sample's, with rows that are made
 * up.
 */
export const createContent = (
  newId: (prefix: IdPrefix) => string,
  now: number,
): Pick<MockState, "sections" | "datasets"> => {
  const at = now - contentAgeMilliseconds;
  const datasets = sampleDatasets.map(
    // The second version, as an import makes it.
    ({ name, title, columns }): MockDataset => ({
      id: newId("dat"),
      name,
      title,
      attribution: madeUp,
      columns,
      version: 2,
      updatedAt: at,
      rows: null,
    }),
  );
  // That they fit the datasets is for a test to tell, and not for each page that begins.
  const sections: MockSection[] = [];
  for (const { $schema: _, ...section } of readSampleSections()) {
    const position = (): number => sections.length;
    const stored = storedSectionOf(sayMadeUp(section), null, { position, newId, at });
    sections.push(sectionOf(stored, at));
  }
  return { datasets, sections };
};
