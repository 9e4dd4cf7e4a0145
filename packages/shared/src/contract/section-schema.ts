import * as z from "zod";
import { sectionDefinition } from "./definitions.ts";

/**
 * The JSON Schema (draft 2020-12) of a section as a file, made from the schema that imports are
 * checked with. What it cannot say is checked on import: that a time zone exists, that datasets
 * have the columns, that a chart fits its query.
 * @param id the schema's own address
 */
export const createSectionSchema = (id: string): Record<string, unknown> => {
  const { $schema, ...schema } = z.toJSONSchema(sectionDefinition, {
    target: "draft-2020-12",
    io: "input",
    override: ({ jsonSchema }) => {
      // True of the value that comes out of parsing; whoever writes the file may well write it.
      delete jsonSchema.readOnly;
      // OpenAPI's word, which JSON Schema does not have.
      if ("example" in jsonSchema) {
        jsonSchema.examples = [jsonSchema["example"]];
        delete jsonSchema["example"];
      }
    },
  });
  return { $schema, $id: id, ...schema };
};
