import { everySection, type NewDataset } from "@sallyport/shared/contract";
import {
  emailKey,
  readCsv,
  usernameKey,
  type GrantHolder,
  type StoredValue,
} from "@sallyport/shared/core";
import {
  readSampleSections,
  sampleDatasets,
  sampleEmailOf,
  samplePasswordOf,
  samplePeople,
  sampleRoles,
} from "@sallyport/shared/sample";
import { and, eq } from "drizzle-orm";
import type { Database } from "./connection.ts";
import { insertGrant } from "./grants.ts";
import { insertRole } from "./roles.ts";
import { findSections, writeSections } from "./sections.ts";
import { insertUser } from "./users.ts";
import { chance, newId } from "../../tokens/chance.ts";
import * as schema from "./schema.ts";
import { createDataset, importRows, replaceRows } from "./rows/datasets.ts";
import { indexAllDatasets } from "./rows/indexes.ts";
import { datasetsOf } from "@sallyport/shared/core";
import { decideSections } from "@sallyport/shared/handlers";
import { describeResult } from "./queries/compile-query.ts";
import { sampleRows } from "./sample-rows.ts";

interface Dependencies {
  hashPassword(password: string): Promise<string>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Reads a dataset's file, so that nothing has to be waited for inside the transaction. */
const readSampleDataset = async (definition: NewDataset) => {
  const read = sampleRows[definition.name];
  if (read === undefined)
    throw new Error(`The sample has no rows for ${JSON.stringify(definition.name)}`);
  const content = await read();
  if ("rows" in content)
    return {
      definition,
      store: (database: Database, id: string, at: number) =>
        importRows(database, id, content.rows, at),
    };
  if ("stored" in content)
    return {
      definition,
      store: (database: Database, id: string, at: number) =>
        replaceRows(database, id, content.stored, at),
    };
  const rows: StoredValue[][] = [];
  for await (const row of readCsv(definition.columns, content.csv)) rows.push(row);
  return {
    definition,
    store: (database: Database, id: string, at: number) => replaceRows(database, id, rows, at),
  };
};

const idOf = (ids: ReadonlyMap<string, string>, name: string): string => {
  const id = ids.get(name);
  if (id === undefined)
    throw new Error(`The sample names ${JSON.stringify(name)}, which it does not contain`);
  return id;
};

/** Is there nobody and nothing in this database yet, but for the built-in role? */
const isEmptyDatabase = ({ orm }: Database): boolean =>
  [schema.users, schema.sections, schema.datasets].every(
    (table) => orm.select().from(table).limit(1).get() === undefined,
  ) &&
  orm.select().from(schema.roles).where(eq(schema.roles.builtIn, false)).limit(1).get() ===
    undefined;

/** Has the sample data been loaded into this database? */
const hasSampleData = ({ orm }: Database): boolean =>
  orm.select().from(schema.installation).where(eq(schema.installation.name, "data")).get()
    ?.value === "sample";

/**
 * Loads the sample people, roles, grants, sections and datasets into an empty database and marks it
 * as holding sample data (`installation`, name `data`, value `sample`): all of it in one
 * transaction, or nothing. Everyone's password is `samplePasswordOf(username)`.
 * @throws the database's error when a name of the sample is taken already
 */
export const loadSampleData = async (
  database: Database,
  { hashPassword, now }: Dependencies,
): Promise<void> => {
  const sections = readSampleSections();
  const [passwordHashes, files] = await Promise.all([
    Promise.all(samplePeople.map(({ username }) => hashPassword(samplePasswordOf(username)))),
    Promise.all(sampleDatasets.map(readSampleDataset)),
  ]);
  const at = now();
  const { orm } = database;

  database.sqlite.transaction(() => {
    for (const { definition, store } of files)
      store(database, createDataset(database, definition, at), at);

    const imported = decideSections(
      { stores: { queries: { describe: describeResult } }, chance },
      sections,
      { at, audit: null },
      findSections(
        database,
        sections.map(({ slug }) => slug),
        sections.flatMap(datasetsOf),
      ),
    );
    if (!imported.ok)
      throw new Error(`The sample's sections do not fit its datasets: ${JSON.stringify(imported)}`);
    writeSections(database, imported.changes);
    indexAllDatasets(database.sqlite);
    const sectionIds = new Map(
      imported.sections.map(({ stored: { section } }) => [section.slug, section.id]),
    );

    const addGrants = (holder: GrantHolder, slugs: readonly string[]): void => {
      for (const slug of slugs)
        insertGrant(database, holder, slug === everySection ? null : idOf(sectionIds, slug), at);
    };
    const roleIds = new Map<string, string>();
    for (const { sections, ...role } of sampleRoles) {
      const builtIn = orm
        .select({ id: schema.roles.id })
        .from(schema.roles)
        .where(and(eq(schema.roles.name, role.name), eq(schema.roles.builtIn, true)))
        .get();
      const id = builtIn?.id ?? newId("rol");
      roleIds.set(role.name, id);
      if (builtIn)
        orm
          .update(schema.roles)
          .set({ description: role.description })
          .where(eq(schema.roles.id, id))
          .run();
      else insertRole(database, { id, ...role });
      addGrants({ roleId: id }, sections);
    }
    for (const [
      index,
      { username, displayName, active, roles, sections },
    ] of samplePeople.entries()) {
      const id = newId("usr");
      const email = sampleEmailOf(username);
      insertUser(
        database,
        {
          id,
          username,
          usernameKey: usernameKey(username),
          email,
          emailKey: emailKey(email),
          // So that a forgotten password can be tried.
          emailVerified: true,
          displayName,
          passwordHash: passwordHashes[index] ?? null,
          active,
          createdAt: at,
        },
        roles.map((name) => idOf(roleIds, name)),
      );
      addGrants({ userId: id }, sections);
    }

    orm.insert(schema.installation).values({ name: "data", value: "sample" }).run();
  })();
};

/** The sample, as a start asks for it. */
export const createSampleStore = (database: Database) => ({
  isLoaded: (): boolean => hasSampleData(database),
  isEmpty: (): boolean => isEmptyDatabase(database),
  load: (means: Dependencies): Promise<void> => loadSampleData(database, means),
});
