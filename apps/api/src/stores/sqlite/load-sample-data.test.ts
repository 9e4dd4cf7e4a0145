import { everySection } from "@sallyport/shared/contract";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "./connection.ts";
import {
  datasets,
  grants,
  installation,
  rolePermissions,
  roles,
  sections,
  userRoles,
  users,
} from "./schema.ts";
import { loadSampleData } from "./load-sample-data.ts";
import { samplePeople } from "@sallyport/shared/sample";

const at = Date.UTC(2026, 10, 22);
const hashPassword = async (password: string) => `hash of ${password}`;

let database: Database;
beforeAll(async () => {
  database = openDatabase(":memory:");
  await loadSampleData(database, { hashPassword, now: () => at });
});
afterAll(() => database.close());

describe("the sample", () => {
  it("marks the database", () => {
    expect(database.orm.select().from(installation).all()).toContainEqual({
      name: "data",
      value: "sample",
    });
  });

  it("has people who differ in what they may see", () => {
    const slugsOf = (username: string) => {
      const granted = database.orm
        .select({ userId: users.id, active: users.active })
        .from(users)
        .where(eq(users.usernameKey, username))
        .get();
      const roleIds = database.orm
        .select()
        .from(userRoles)
        .where(eq(userRoles.userId, granted?.userId ?? ""))
        .all();
      return database.orm
        .select({ userId: grants.userId, roleId: grants.roleId, slug: sections.slug })
        .from(grants)
        .leftJoin(sections, eq(sections.id, grants.sectionId))
        .all()
        .filter(
          (grant) =>
            grant.userId === granted?.userId ||
            roleIds.some(({ roleId }) => roleId === grant.roleId),
        )
        .map(({ slug }) => slug ?? everySection)
        .toSorted();
    };
    expect(
      Object.fromEntries(samplePeople.map(({ username }) => [username, slugsOf(username)])),
    ).toEqual({
      mica: [everySection],
      mike: ["marketing"],
      frida: ["finance", "operations"],
      nora: [],
      dan: ["marketing"],
    });
    expect(database.orm.select().from(users).where(eq(users.active, false)).all()).toMatchObject([
      { username: "dan" },
    ]);
    expect(
      database.orm.select().from(users).where(eq(users.usernameKey, "mike")).get(),
    ).toMatchObject({
      email: "mike@example.com",
      passwordHash: "hash of sample-mike-passphrase",
      createdAt: at,
    });
  });

  it("has one admin, who is in the built-in role, and nobody else with permissions", () => {
    const { orm } = database;
    expect(
      orm
        .select({ username: users.username })
        .from(users)
        .innerJoin(userRoles, eq(userRoles.userId, users.id))
        .innerJoin(roles, eq(roles.id, userRoles.roleId))
        .where(eq(roles.builtIn, true))
        .all(),
    ).toEqual([{ username: "mica" }]);
    expect(orm.select().from(rolePermissions).all()).toEqual([]);
  });

  it("has datasets whose sources are named", () => {
    const all = database.orm.select().from(datasets).all();
    expect(Object.fromEntries(all.map(({ name, rowCount }) => [name, rowCount]))).toEqual({
      stocks: 560,
      sp500: 5105,
      "sp500-years": 21,
      "us-employment": 120,
      "us-employment-by-industry": 1320,
      "us-unemployment": 1708,
      "seattle-weather": 1461,
      "seattle-normals": 8759,
      flights: 200_000,
      "flights-by-airport": 20_000,
      movies: 3_200,
      gapminder: 682,
    });
    for (const { attribution } of all) expect(attribution?.length).toBeGreaterThan(20);
  });

  it("has the sections of its files, in order", () => {
    const found = database.orm
      .select({ slug: sections.slug, visibility: sections.visibility })
      .from(sections)
      .orderBy(sections.position)
      .all();
    expect(found.map(({ slug }) => slug)).toEqual([
      "welcome",
      "marketing",
      "finance",
      "people",
      "operations",
    ]);
    expect(found.filter(({ visibility }) => visibility === "public")).toEqual([
      { slug: "welcome", visibility: "public" },
    ]);
  });

  it("is loaded whole or not at all", async () => {
    const second = openDatabase(":memory:");
    second.orm.insert(roles).values({ id: "rol_taken", name: "marketing" }).run();
    await expect(loadSampleData(second, { hashPassword, now: () => at })).rejects.toThrow(
      "change a role by UPDATE",
    );
    expect(second.orm.select().from(datasets).all()).toEqual([]);
    expect(second.orm.select().from(users).all()).toEqual([]);
    expect(
      second.sqlite
        .prepare("SELECT count(*) FROM sqlite_schema WHERE name GLOB 'dataset_*'")
        .pluck()
        .get(),
    ).toBe(0);
    second.close();
  });
});
