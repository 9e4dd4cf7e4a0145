/**
 * The API of Sallyport in memory, for pages that are built and tried without one. Never part of a
 * production build.
 */
import { limitations as sentences } from "../limitations.ts";

export { createMockApi, type MockApi, type MockSettings } from "./create-mock-api.ts";
export type { Span } from "./controls.ts";
export type { MockOptions, MockTimers } from "./options.ts";
export { readMockParameter } from "./read-parameter.ts";
export { personas, type Persona } from "./people.ts";
export { scenarioNames, type ScenarioName } from "./scenario-names.ts";
export { scenarios, setupToken } from "./scenarios.ts";
export type { Persistence } from "./keep-state.ts";
export type { MockState } from "./state.ts";
export type { Cell, Row } from "./stores/aggregate-rows.ts";
export { evaluateQuery, nameOf, type Evaluation } from "./stores/evaluate-query.ts";

/** What the mock cannot do: a sentence each. */
export const limitations: readonly string[] = Object.values(sentences);
