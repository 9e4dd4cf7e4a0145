/** What a mock fetches with the first request for administration. */
export { createAdministrationHandlers } from "../core/administration-handlers.ts";
export { createDatasetRegister } from "../core/datasets/dataset-register.ts";
