/**
 * A small team on an empty database, for tests that need people and sections but none of the
 * sample's datasets. mica is an admin and sees everything, mike sees marketing through a role, nora
 * sees nothing, dan is deactivated.
 */
import { everySection } from "@sallyport/shared/contract";
import { changeGrant } from "@sallyport/shared/handlers";
import type { AuditAction, AuditEvent } from "@sallyport/shared/core";
import { expect, onTestFinished } from "vitest";
import { chance, newId } from "../src/tokens/chance.ts";
import { createTestApp, type TestApp } from "./test-app.ts";

export const passwordOf = (username: string): string => `the long words of ${username}`;

interface Team {
  readonly userIds: Readonly<Record<"mica" | "mike" | "nora" | "dan", string>>;
  readonly roleIds: Readonly<Record<"admin" | "marketing", string>>;
  readonly sectionIds: Readonly<Record<"welcome" | "marketing" | "finance", string>>;
}

export type TeamApp = TestApp & Team;

/** Gives a user or a role, or takes from them, what they do not have, or have. */
export const changeOneGrant = async (
  { dependencies }: Pick<TestApp, "dependencies">,
  change: Parameters<typeof changeGrant>[1],
): Promise<void> => {
  const outcome = await changeGrant({ ...dependencies, chance }, change, "the test");
  if (outcome !== "changed") throw new Error(`The grant is ${outcome}`);
};

export const giveGrant = (
  app: Pick<TestApp, "dependencies">,
  username: string,
  section: string,
): Promise<void> => changeOneGrant(app, { add: true, subject: { username }, section });

export const takeGrant = (
  app: Pick<TestApp, "dependencies">,
  username: string,
  section: string,
): Promise<void> => changeOneGrant(app, { add: false, subject: { username }, section });

/** In the place of the built-in role, mica is in one that gives every section and only these. */
export const leaveMicaWith = (app: TeamApp, ...permissions: readonly string[]): void => {
  const { userIds, runSql } = app;
  runSql("DELETE FROM user_roles WHERE user_id = ?", userIds.mica);
  runSql("DELETE FROM roles WHERE id = 'rol_limited'");
  runSql("INSERT INTO roles (id, name) VALUES ('rol_limited', 'limited')");
  for (const permission of permissions)
    runSql("INSERT INTO role_permissions VALUES ('rol_limited', ?)", permission);
  runSql("INSERT INTO grants (id, role_id, created_at) VALUES ('grt_limited', 'rol_limited', 0)");
  runSql("INSERT INTO user_roles VALUES (?, 'rol_limited')", userIds.mica);
};

const addTeam = async (app: TestApp, passwordHash: (password: string) => string): Promise<Team> => {
  const { stores, now } = app.dependencies;
  const userIds = { mica: newId("usr"), mike: newId("usr"), nora: newId("usr"), dan: newId("usr") };
  const sectionIds = { welcome: newId("sec"), marketing: newId("sec"), finance: newId("sec") };
  const at = now();
  const eventOf = (action: AuditAction): AuditEvent => ({ at, action, result: "success" });

  const { version } = await stores.sections.find([], []);
  await stores.sections.apply(
    version,
    Object.entries(sectionIds).map(([slug, id], index) => ({
      at,
      isNew: true,
      audit: null,
      stored: {
        section: {
          id,
          slug,
          title: slug,
          description: "",
          icon: "layout-dashboard",
          position: index + 1,
          visibility: slug === "welcome" ? "public" : "restricted",
          refreshSeconds: null,
          last: null,
          version: 1,
        },
        panels: [],
      },
    })),
  );
  await stores.roles.add(
    { id: newId("rol"), name: "marketing", description: "", permissions: [] },
    { users: [], roles: [] },
    eventOf("role.create"),
  );
  const roles = await stores.roles.list();
  const roleIdOf = (name: string): string => roles.find((role) => role.name === name)?.id ?? "";
  const roleIds = { admin: roleIdOf("admin"), marketing: roleIdOf("marketing") };
  const roleOf: Readonly<Record<string, string>> = { mica: "admin", mike: "marketing" };
  for (const [name, id] of Object.entries(userIds)) {
    const email = `${name}@example.com`;
    const isIn = roles.filter((role) => role.name === roleOf[name]);
    await stores.users.add(
      [
        {
          user: {
            id,
            username: name,
            usernameKey: name,
            email,
            emailKey: email,
            displayName: name,
            passwordHash: passwordHash(passwordOf(name)),
            active: name !== "dan",
            createdAt: at,
          },
          roleIds: isIn.map((role) => role.id),
          link: null,
          audit: eventOf("user.create"),
        },
      ],
      { users: [], roles: isIn },
    );
  }
  await changeOneGrant(app, { add: true, subject: { role: "admin" }, section: everySection });
  await changeOneGrant(app, { add: true, subject: { role: "marketing" }, section: "marketing" });
  return { userIds, roleIds, sectionIds };
};

/**
 * The app of one test, closed when the test ends; then it must not have thought anything its own
 * fault.
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
  return { ...app, ...(await addTeam(app, passwordHash)) };
};
