import type { Dataset, DatasetStore } from "../../core/core.ts";
import type { MockDataset, MockState } from "../state.ts";
import { addEvent } from "./audit.ts";
import { rowsOf } from "./dataset-rows.ts";
import type { Parts } from "./parts.ts";
import { inOrder } from "./sections.ts";

export const findDataset = (state: MockState, name: string): MockDataset | undefined =>
  state.datasets.find((dataset) => dataset.name === name);

const asDataset = (state: MockState, dataset: MockDataset): Dataset => {
  const { rows: _, columns, ...rest } = dataset;
  return { ...rest, columns: [...columns], rowCount: rowsOf(state, dataset).length };
};

/** Titles of the sections that have a panel which reads the dataset. */
const titlesOfReaders = ({ sections }: MockState, name: string): string[] => {
  const titles = inOrder(sections)
    .filter(({ definition }) =>
      definition.panels.some(
        (panel) =>
          "query" in panel &&
          (panel.query.dataset === name ||
            (panel.kind === "metric" && panel.trend?.dataset === name)),
      ),
    )
    .map(({ definition }) => definition.title);
  return [...new Set(titles)];
};

export const createDatasetStore = (parts: Parts): DatasetStore => {
  const { state } = parts;
  return {
    list: (after, limit) =>
      state()
        .datasets.filter(({ name }) => name > after)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1))
        .slice(0, limit)
        .map((dataset) => asDataset(state(), dataset)),
    find: (name) => {
      const found = findDataset(state(), name);
      return found ? asDataset(state(), found) : null;
    },
    add: async ({ id, name, title, attribution, columns, version, updatedAt }, audit) => {
      const found = state();
      if (findDataset(found, name)) return "nameTaken";
      const added = { id, name, title, attribution, columns, version, updatedAt, rows: [] };
      found.datasets = [...found.datasets, added];
      addEvent(parts, audit);
      return "added";
    },
    apply: async (expected, change, audit) => {
      const dataset = findDataset(state(), expected.name);
      if (!dataset || JSON.stringify(asDataset(state(), dataset)) !== JSON.stringify(expected))
        return "changed";
      Object.assign(dataset, change, { updatedAt: audit.at });
      addEvent(parts, audit);
      return "applied";
    },
    remove: async ({ id, name }, audit) => {
      const found = state();
      const readBy = titlesOfReaders(found, name);
      if (readBy.length > 0) return { readBy };
      if (!found.datasets.some((dataset) => dataset.id === id)) return "changed";
      found.datasets = found.datasets.filter((dataset) => dataset.id !== id);
      addEvent(parts, audit);
      return "applied";
    },
  };
};
