import type { MockDataset, MockState } from "../state.ts";

export const findDataset = (state: MockState, name: string): MockDataset | undefined =>
  state.datasets.find((dataset) => dataset.name === name);
