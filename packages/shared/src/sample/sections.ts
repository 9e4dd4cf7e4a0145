import { sectionDefinition, type SectionDefinition } from "../contract/contract.ts";
import finance from "./sections/finance.json" with { type: "json" };
import marketing from "./sections/marketing.json" with { type: "json" };
import operations from "./sections/operations.json" with { type: "json" };
import people from "./sections/people.json" with { type: "json" };
import welcome from "./sections/welcome.json" with { type: "json" };

/**
 * The sample's sections: files like everybody's, imported as everybody's are. @throws ZodError when
 * one is no section
 */
export const readSampleSections = (): SectionDefinition[] =>
  [finance, marketing, operations, people, welcome].map((file) => sectionDefinition.parse(file));
