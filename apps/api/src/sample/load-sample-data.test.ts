import { everySection, permissions, section as sectionSchema } from "@sallyport/shared/contract";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "../database/connection.ts";
import { createSqliteStore } from "../database/sqlite-store.ts";
import { createWriter } from "../database/writer.ts";
import { createQueryRunner } from "../datasets/run-query.ts";
import { datasets, grants, installation, rolePermissions, roles, sections, userRoles, users } from "../database/schema.ts";
import type { Answer, RequestContext } from "../http/endpoint.ts";
import { createSectionHandlers } from "../sections/sections.ts";
import { loadSampleData } from "./load-sample-data.ts";
import { samplePeople } from "./people.ts";

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
    expect(database.orm.select().from(installation).all()).toEqual([{ name: "data", value: "sample" }]);
  });

  it("has people who differ in what they may see", () => {
    const slugsOf = (username: string) => {
      const granted = database.orm.select({ userId: users.id, active: users.active }).from(users).where(eq(users.usernameKey, username)).get();
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
        .filter((grant) => grant.userId === granted?.userId || roleIds.some(({ roleId }) => roleId === grant.roleId))
        .map(({ slug }) => slug ?? everySection)
        .toSorted();
    };
    expect(Object.fromEntries(samplePeople.map(({ username }) => [username, slugsOf(username)]))).toEqual({
      mica: [everySection],
      mike: ["marketing"],
      frida: ["finance", "operations"],
      nora: [],
      dan: ["marketing"],
    });
    expect(database.orm.select().from(users).where(eq(users.active, false)).all()).toMatchObject([{ username: "dan" }]);
    expect(database.orm.select().from(users).where(eq(users.usernameKey, "mike")).get()).toMatchObject({
      email: "mike@example.com",
      passwordHash: "hash of sample-mike-passphrase",
      createdAt: at,
    });
  });

  it("has one admin with every permission", () => {
    const held = database.orm
      .select({ permission: rolePermissions.permission, role: roles.name })
      .from(rolePermissions)
      .innerJoin(roles, eq(roles.id, rolePermissions.roleId))
      .all();
    expect(held.map(({ permission }) => permission).toSorted()).toEqual([...permissions].toSorted());
    expect(new Set(held.map(({ role }) => role))).toEqual(new Set(["admin"]));
  });

  it("has datasets whose sources are named", () => {
    const all = database.orm.select().from(datasets).all();
    expect(Object.fromEntries(all.map(({ name, rowCount }) => [name, rowCount]))).toEqual({
      stocks: 560,
      "us-employment": 120,
      "seattle-weather": 1461,
      flights: 20_000,
      movies: 3_200,
      gapminder: 682,
    });
    for (const { attribution } of all) expect(attribution?.length).toBeGreaterThan(20);
  });

  it("has sections in which every panel answers, within the contract", async () => {
    const failures: unknown[] = [];
    const handlers = createSectionHandlers({
      store: createSqliteStore(database, createWriter(database.sqlite, { now: Date.now, wait: () => Promise.resolve() })),
      runQuery: createQueryRunner(database),
      reportFailure: (failure) => failures.push(failure),
    });
    const context: RequestContext = { requestId: "req", address: "", userAgent: "", origin: undefined, caller: null, header: () => undefined };
    const slugs = database.orm.select({ slug: sections.slug, visibility: sections.visibility }).from(sections).orderBy(sections.position).all();
    expect(slugs.map(({ slug }) => slug)).toEqual(["welcome", "marketing", "finance", "people", "operations"]);
    expect(slugs.filter(({ visibility }) => visibility === "public")).toEqual([{ slug: "welcome", visibility: "public" }]);
    for (const { slug } of slugs) {
      const answer: Answer<"GET /sections/:slug"> = await handlers["GET /sections/:slug"]({
        params: { slug },
        query: { include: "data" },
        headers: {},
        body: undefined,
        context,
        ok: (status, body) => ({ status, body }),
      });
      const { panels } = sectionSchema.parse(answer.body);
      expect(panels[0]?.kind).toBe("markdown");
      expect(panels.filter(({ kind }) => kind === "metric").length).toBeGreaterThanOrEqual(3);
      for (const panel of panels) {
        if (!("followsRange" in panel)) continue;
        expect(panel.attribution).toBeDefined();
        if (panel.kind === "metric") expect(panel.data?.rows).toHaveLength(1);
        else expect(panel.data?.rows.length).toBeGreaterThan(4);
        if (panel.kind === "metric") expect(panel.data?.rows[0]?.[0]).toEqual(expect.any(Number));
      }
      // Rows of the grid are full: widths add up to twelve.
      let filled = 0;
      for (const { width } of panels) {
        expect(filled + width).toBeLessThanOrEqual(12);
        filled = (filled + width) % 12;
      }
      expect(filled).toBe(0);
    }
    expect(failures).toEqual([]);
  });

  it("is loaded whole or not at all", async () => {
    const second = openDatabase(":memory:");
    second.orm.insert(roles).values({ id: "rol_taken", name: "marketing" }).run();
    await expect(loadSampleData(second, { hashPassword, now: () => at })).rejects.toThrow(/UNIQUE/);
    expect(second.orm.select().from(datasets).all()).toEqual([]);
    expect(second.orm.select().from(users).all()).toEqual([]);
    expect(second.sqlite.prepare("SELECT count(*) FROM sqlite_schema WHERE name GLOB 'dataset_*'").pluck().get()).toBe(0);
    second.close();
  });
});
