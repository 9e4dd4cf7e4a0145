import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stdin, stdout } from "node:process";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import {
  everySection,
  sectionDefinition,
  type SectionDefinition,
} from "@sallyport/shared/contract";
import {
  datasetsOf,
  definitionOf,
  inPlainWords,
  issuesOf,
  sectionSchemaAddress,
} from "@sallyport/shared/core";
import { createSectionSchema } from "@sallyport/shared/section-schema";
import type { Dependencies } from "../dependencies.ts";
import { importSections } from "@sallyport/shared/handlers";
import { chance } from "../tokens/chance.ts";
import { readConfig, withDependencies } from "./installation.ts";
import { say, Stop } from "./terminal.ts";

/** As the user wrote it, or from where the user stands. */
const placeOf = (file: string): string => resolve(process.env["INIT_CWD"] ?? "", file);

const failureOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const readFile = async (file: string): Promise<string> => {
  try {
    return file === "-" ? await text(stdin) : readFileSync(placeOf(file), "utf8");
  } catch (error) {
    throw new Stop(`${file}: cannot be read (${failureOf(error)}).`, { cause: error });
  }
};

const writing = (file: string, write: () => void): void => {
  try {
    write();
  } catch (error) {
    throw new Stop(`${file}: cannot be written (${failureOf(error)}).`, { cause: error });
  }
};

/** The section in a file, or every line that says what is wrong with it. */
const parseFile = (
  file: string,
  content: string,
): { readonly definition: SectionDefinition } | { readonly complaints: string[] } => {
  let value: unknown;
  try {
    value = JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch (error) {
    return { complaints: [`${file}: not JSON (${failureOf(error)}).`] };
  }
  const parsed = sectionDefinition.safeParse(value, inPlainWords);
  return parsed.success
    ? { definition: parsed.data }
    : {
        complaints: issuesOf("", value, parsed.error).map(
          ({ pointer, detail }) => `${file}: ${pointer}: ${detail}`,
        ),
      };
};

const importFiles = async (
  files: readonly string[],
  dryRun: boolean,
  { stores, now, imports }: Dependencies,
): Promise<void> => {
  const parsed: { file: string; definition: SectionDefinition }[] = [];
  const complaints: string[] = [];
  for (const file of files) {
    const outcome = parseFile(file, await readFile(file));
    if ("complaints" in outcome) complaints.push(...outcome.complaints);
    else parsed.push({ file, definition: outcome.definition });
  }
  const definitions = parsed.map(({ definition }) => definition);
  // Also where another file is no section at all: whoever mends the files wants to know everything
  // at once.
  const outcome = await importSections({ stores, chance }, definitions, {
    at: now(),
    audit: { detail: { by: "command line" } },
    dryRun: dryRun || complaints.length > 0,
  });
  if (!outcome.ok && outcome.refused === "invalid")
    for (const [index, issues] of outcome.issues.entries())
      complaints.push(
        ...issues.map(({ pointer, detail }) => `${parsed[index]?.file}: ${pointer}: ${detail}`),
      );
  if (complaints.length > 0) throw new Stop([...complaints, "Nothing was changed."].join("\n"));
  if (!outcome.ok) throw new Error("An import without preconditions failed one");
  for (const { slug, outcome: what } of outcome.sections)
    say(
      what === "unchanged"
        ? `Section ${slug} is as in the file.`
        : `Section ${slug} ${dryRun ? "would be " : ""}${what}.`,
    );
  if (dryRun) return say("Nothing was changed.");
  for (const dataset of new Set(definitions.flatMap(datasetsOf)))
    await imports.ensureIndexes(dataset);
};

export const addSectionCommands = (program: Command): void => {
  const sections = program.command("sections").description("sections as files");

  sections
    .command("export [slug]")
    .description("write a section to a file, or every one of them to a directory")
    .option("--all", "every section, as SLUG.json in the directory that --output names")
    .option("--output <path>", "the file (default: standard output), or the directory")
    .action(
      async (
        slug: string | undefined,
        { all = false, output }: { all?: boolean; output?: string },
      ) => {
        if (all ? slug !== undefined || output === undefined : slug === undefined)
          throw new Stop(
            "Name one section, or every one and where: sections export marketing, or sections export --all --output directory.",
          );
        await withDependencies(async ({ stores, config }) => {
          const exportOne = async (one: string): Promise<string> => {
            const found = await stores.sections.read(one);
            if (found === null) throw new Stop(`Section ${one} does not exist.`);
            return `${JSON.stringify({ $schema: sectionSchemaAddress(config.publicUrl), ...definitionOf(found) }, null, 2)}\n`;
          };
          if (slug !== undefined) {
            const content = await exportOne(slug);
            if (output === undefined) stdout.write(content);
            else writing(output, () => writeFileSync(placeOf(output), content));
            return;
          }
          const directory = placeOf(output ?? "");
          writing(directory, () => mkdirSync(directory, { recursive: true }));
          for (const { slug: one } of await stores.sections.listLinks([everySection])) {
            const file = join(directory, `${one}.json`);
            const content = await exportOne(one);
            writing(file, () => writeFileSync(file, content));
            say(file);
          }
        });
      },
    );

  sections
    .command("import <files...>")
    .description("create or replace sections from files, all of them or none; - is standard input")
    .option("--dry-run", "check the files, and change nothing")
    .action((files: string[], { dryRun = false }: { dryRun?: boolean }) =>
      withDependencies((dependencies) => importFiles(files, dryRun, dependencies)),
    );

  sections
    .command("schema")
    .description("write the JSON Schema of sections as files")
    .action(() =>
      say(
        JSON.stringify(createSectionSchema(sectionSchemaAddress(readConfig().publicUrl)), null, 2),
      ),
    );
};
