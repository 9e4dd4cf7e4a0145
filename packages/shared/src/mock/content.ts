import { readSampleSections, sampleDatasets } from "../sample/sample.ts";
import type { MockContext } from "./endpoint.ts";
import { decide, sectionOf } from "./section-files.ts";
import type { MockDataset, MockState } from "./state.ts";

/**
 * How long before the mock begins its content was made. A page that listens for changes asks for those since it was
 * opened, and the mock of a page begins just before it.
 */
export const contentAgeMilliseconds = 24 * 60 * 60 * 1000;

/** The sections and the datasets that the mock begins with: the sample's, with rows that are made up. */
export const createContent = (
  newId: MockContext["newId"],
  now: number,
): Pick<MockState, "sections" | "datasets"> => {
  const at = now - contentAgeMilliseconds;
  const datasets = sampleDatasets.map(
    // The second version, as an import makes it.
    ({ name, title, columns }): MockDataset => ({
      id: newId("dat"),
      name,
      title,
      attribution: "Made up for the mock: none of these numbers is true.",
      columns,
      version: 2,
      updatedAt: at,
      rows: null,
    }),
  );
  const decision = decide({ sections: [], datasets }, readSampleSections(), newId);
  if (!decision.ok)
    throw new Error(`The sample's sections do not fit its datasets: ${JSON.stringify(decision)}`);
  return { datasets, sections: decision.sections.map(({ stored }) => sectionOf(stored, at)) };
};
