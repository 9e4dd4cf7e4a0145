/**
 * A small team on an empty database, for tests that need people and sections but none of the sample's datasets.
 * mica is an admin and sees everything, mike sees marketing through a role, nora sees nothing, dan is deactivated.
 */
import { permissions } from "@sallyport/shared/contract";
import { expect, onTestFinished } from "vitest";
import { newId } from "../src/tokens/chance.ts";
import { createTestApp, type TestApp } from "./test-app.ts";

export const passwordOf = (username: string): string => `the long words of ${username}`;

interface Team {
  readonly userIds: Readonly<Record<"mica" | "mike" | "nora" | "dan", string>>;
  readonly roleIds: Readonly<Record<"admin" | "marketing", string>>;
  readonly sectionIds: Readonly<Record<"welcome" | "marketing" | "finance", string>>;
}

export type TeamApp = TestApp & Team;

const addTeam = (
  { dependencies: { database, now } }: TestApp,
  passwordHash: (password: string) => string,
): Team => {
  const { sqlite } = database;
  const userIds = { mica: newId("usr"), mike: newId("usr"), nora: newId("usr"), dan: newId("usr") };
  const roleIds = { admin: newId("rol"), marketing: newId("rol") };
  const sectionIds = { welcome: newId("sec"), marketing: newId("sec"), finance: newId("sec") };
  const at = now();
  sqlite.transaction(() => {
    for (const [name, id] of Object.entries(roleIds))
      sqlite.prepare("INSERT INTO roles (id, name) VALUES (?, ?)").run(id, name);
    for (const permission of permissions)
      sqlite.prepare("INSERT INTO role_permissions VALUES (?, ?)").run(roleIds.admin, permission);
    for (const [position, [slug, id]] of Object.entries(sectionIds).entries())
      sqlite
        .prepare(
          "INSERT INTO sections (id, slug, title, position, visibility, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .run(id, slug, slug, position + 1, slug === "welcome" ? "public" : "restricted", at, at);
    for (const [name, id] of Object.entries(userIds))
      sqlite
        .prepare(
          "INSERT INTO users (id, username, username_key, email, email_key, display_name, password_hash, active, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .run(
          id,
          name,
          name,
          `${name}@example.com`,
          `${name}@example.com`,
          name,
          passwordHash(passwordOf(name)),
          name === "dan" ? 0 : 1,
          at,
        );
    sqlite
      .prepare("INSERT INTO user_roles VALUES (?, ?), (?, ?)")
      .run(userIds.mica, roleIds.admin, userIds.mike, roleIds.marketing);
    sqlite
      .prepare("INSERT INTO grants (id, role_id, section_id, created_at) VALUES (?, ?, NULL, ?)")
      .run(newId("grt"), roleIds.admin, at);
    sqlite
      .prepare("INSERT INTO grants (id, role_id, section_id, created_at) VALUES (?, ?, ?, ?)")
      .run(newId("grt"), roleIds.marketing, sectionIds.marketing, at);
  })();
  return { userIds, roleIds, sectionIds };
};

/**
 * The app of one test, closed when the test ends; then it must not have thought anything its own fault.
 * @param passwordHash how the stored hashes come about, where the stand-in's will not do
 */
export const createTeamApp = async (
  options: Parameters<typeof createTestApp>[0] = {},
  passwordHash = (password: string): string => `plain:${password}`,
): Promise<TeamApp> => {
  const app = await createTestApp({
    ...options,
    environment: { SALLYPORT_SAMPLE_DATA: "0", ...options.environment },
  });
  onTestFinished(async () => {
    await app.close();
    expect(app.faults).toEqual([]);
  });
  return { ...app, ...addTeam(app, passwordHash) };
};
