/**
 * The sample: what an installation may be filled with to look around in, as data. The server loads
 * it, and the mock is it.
 */
export {
  sampleEmailOf,
  samplePasswordOf,
  samplePeople,
  sampleRoles,
  type SamplePerson,
  type SampleRole,
} from "./people.ts";
export {
  companies,
  distanceClasses,
  fullMonths,
  industries,
  lateMinutes,
  regions,
  weekdays,
} from "./categories.ts";
export { sampleDatasets } from "./datasets.ts";
export { readSampleSections } from "./sections.ts";
