/**
 * What tests put onto an installation, and what they look at there, through its stores: sections,
 * panels, datasets, rows.
 */
import {
  sectionDefinition,
  type NewDataset,
  type PanelData,
  type PanelDefinition,
  type SectionDefinition,
} from "@sallyport/shared/contract";
import { definitionOf, encodedRowsOf, ours, type QueriedDataset } from "@sallyport/shared/core";
import { importSections } from "@sallyport/shared/handlers";
import { chance } from "../src/tokens/chance.ts";
import type { TestApp } from "./test-app.ts";

type Rows = readonly Readonly<Record<string, unknown>>[];
type Subject = Pick<TestApp, "dependencies">;

/**
 * Puts a section in the place of the one of its address, or adds it; nothing of it is in the audit
 * trail.
 */
export const putSection = async (
  { dependencies: { stores, now } }: Subject,
  definition: Partial<SectionDefinition> & Pick<SectionDefinition, "slug" | "title">,
): Promise<void> => {
  const outcome = await importSections(
    { stores, chance },
    [sectionDefinition.parse({ panels: [], ...definition })],
    { at: now(), audit: null },
  );
  if (!outcome.ok) throw new Error(`The section is refused: ${JSON.stringify(outcome)}`);
};

const storedSection = async ({ dependencies: { stores } }: Subject, slug: string) => {
  const stored = (await stores.sections.find([slug], [])).sections.get(slug);
  if (stored === undefined) throw new Error(`There is no section ${slug}`);
  return stored;
};

/** The panels of a section, in order. */
export const panelsOf = async (app: Subject, slug: string): Promise<readonly PanelDefinition[]> =>
  (await storedSection(app, slug)).panels.map(({ definition }) => definition);
export const panelIdsOf = async (app: Subject, slug: string): Promise<readonly string[]> =>
  (await storedSection(app, slug)).panels.map(({ id }) => id);

/** Adds a panel at the end of a section. @returns its id */
export const addPanel = async (
  app: Subject,
  slug: string,
  definition: PanelDefinition,
): Promise<string> => {
  const before = definitionOf(await storedSection(app, slug));
  await putSection(app, { ...before, panels: [...before.panels, definition] });
  return (await panelIdsOf(app, slug)).at(-1) as string;
};

/** Puts rows in the place of those that the dataset has. */
export const replaceRows = async (
  { dependencies: { imports, now } }: Subject,
  dataset: string,
  rows: Rows,
): Promise<void> => {
  const json = new TextEncoder().encode(JSON.stringify(rows));
  const arriving = (async function* () {
    yield json;
  })();
  const { finished } = imports.start(
    { dataset, mode: "replace", format: "json", csv: {}, author: { at: now() } },
    await imports.receive(arriving),
  );
  await finished;
};

/** @param dataset its title is its name, where it has none of its own */
export const addDataset = async (
  app: Subject,
  dataset: Omit<NewDataset, "title"> & { readonly title?: string },
  rows: Rows = [],
): Promise<void> => {
  const { datasets, now } = app.dependencies;
  await datasets.add({ title: dataset.name, ...dataset }, { at: now() });
  if (rows.length > 0) await replaceRows(app, dataset.name, rows);
};

/** A dataset as a query finds it. */
export const queriedDataset = async (
  { dependencies: { stores } }: Subject,
  name: string,
): Promise<QueriedDataset> => {
  const found = (await stores.sections.find([], [name])).datasets.get(name);
  if (found === undefined) throw new Error(`There is no dataset ${name}`);
  return found;
};

/** Rows of a dataset, ten thousand at most, each as a list of what its columns hold. */
export const readRows = async (
  app: Subject,
  name: string,
  limit = 10_000,
): Promise<PanelData["rows"]> => {
  const dataset = await queriedDataset(app, name);
  const { rows } = await app.dependencies.stores.queries.run(
    { dataset: name, select: dataset.columns.map((column) => ({ column: column.name })), limit },
    dataset,
    {},
    ours,
  );
  const encoded = encodedRowsOf(rows);
  return encoded === undefined
    ? rows
    : (JSON.parse(new TextDecoder().decode(encoded.json)) as PanelData["rows"]);
};
