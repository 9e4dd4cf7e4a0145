import type { PanelDefinition } from "../../contract/contract.ts";
import {
  foldCase,
  rankOfDataset,
  type Dataset,
  type DatasetReader,
  type DatasetStore,
  type ListedDataset,
} from "../../core/core.ts";
import { compareRanked, type RankedPlace } from "./ranked-rows.ts";
import type { MockDataset, MockState } from "../state.ts";
import { addEvent } from "./audit.ts";
import { findDataset } from "./find-dataset.ts";
import { rowsOf } from "./dataset-rows.ts";
import type { Parts } from "./parts.ts";
import { inOrder } from "./sections.ts";

const asDataset = (state: MockState, dataset: MockDataset): Dataset => {
  const { rows: _, columns, ...rest } = dataset;
  return { ...rest, columns: [...columns], rowCount: rowsOf(state, dataset).length };
};

const reads = (panel: PanelDefinition, name: string): boolean =>
  "query" in panel &&
  (panel.query.dataset === name || (panel.kind === "metric" && panel.trend?.dataset === name));

/** The sections that have a panel which reads the dataset. */
const readersOf = ({ sections }: MockState, name: string): DatasetReader[] =>
  inOrder(sections).flatMap(({ definition: { slug, title, panels }, panelIds }) => {
    const reading = panels.flatMap((panel, index) =>
      reads(panel, name) ? [{ id: panelIds[index] ?? "", title: panel.title }] : [],
    );
    return reading.length === 0 ? [] : [{ slug, title, panels: reading }];
  });

/** So many rows say how large the others are. */
const measuredRows = 50;

export const createDatasetStore = (parts: Parts): DatasetStore => {
  const { state } = parts;
  return {
    list: (after, limit) =>
      state()
        .datasets.filter(({ name }) => name > after)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1))
        .slice(0, limit)
        .map((dataset) => asDataset(state(), dataset)),
    search: ({ order, isDescending, contains, after, limit }) => {
      const found = state()
        .datasets.map((dataset): ListedDataset => ({
          ...asDataset(state(), dataset),
          panelCount: readersOf(state(), dataset.name).reduce(
            (count, { panels }) => count + panels.length,
            0,
          ),
        }))
        .filter(
          ({ name, title }) =>
            contains === null || foldCase(title).includes(contains) || name.includes(contains),
        );
      const placeOf = (dataset: ListedDataset): RankedPlace => [
        rankOfDataset(order, dataset),
        dataset.name,
      ];
      const compare = compareRanked(isDescending);
      return {
        datasets: found
          .toSorted((one, other) => compare(placeOf(one), placeOf(other)))
          .filter((one) => after === null || compare(placeOf(one), [after.rank, after.name]) > 0)
          .slice(0, limit),
        total: found.length,
      };
    },
    measure: (names) =>
      new Map(
        names.map((name) => {
          const dataset = findDataset(state(), name);
          const rows = dataset === undefined ? [] : rowsOf(state(), dataset);
          const sample = rows.slice(0, measuredRows);
          const size = JSON.stringify(sample).length / Math.max(1, sample.length);
          return [name, sample.length === 0 ? 0 : Math.round(size * rows.length)];
        }),
      ),
    readers: (name) => readersOf(state(), name),
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
      const readBy = readersOf(found, name);
      if (readBy.length > 0) return { readBy };
      if (!found.datasets.some((dataset) => dataset.id === id)) return "changed";
      found.datasets = found.datasets.filter((dataset) => dataset.id !== id);
      addEvent(parts, audit);
      return "applied";
    },
  };
};
