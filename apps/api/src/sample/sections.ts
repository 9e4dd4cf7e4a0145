/** The sample's sections: files like everybody's, read from beside the code and imported as everybody's are. */
import { readdir, readFile } from "node:fs/promises";
import { sectionDefinition, type SectionDefinition } from "@sallyport/shared/contract";

/** As far from the sources as from the build. */
const folder = new URL("../../sample/sections/", import.meta.url);

/** @throws ZodError when a file is no section */
export const readSampleSections = async (): Promise<SectionDefinition[]> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  return Promise.all(files.map(async (file) => sectionDefinition.parse(JSON.parse(await readFile(new URL(file, folder), "utf8")))));
};
