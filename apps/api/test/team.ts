/**
 * A small team on an empty database, for tests that need people and sections but none of the
 * sample's datasets. mica is an admin and sees everything, mike sees marketing through a role, nora
 * sees nothing, dan is deactivated.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { everySection } from "@sallyport/shared/contract";
import { changeGrant } from "@sallyport/shared/handlers";
import type { AuditAction, AuditEvent } from "@sallyport/shared/core";
import { expect, onTestFinished } from "vitest";
import { chance, newId } from "../src/tokens/chance.ts";
import { testStart } from "./sample-database.ts";
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
            emailVerified: true,
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

type Options = NonNullable<Parameters<typeof createTestApp>[0]>;
const plainHash = (password: string): string => `plain:${password}`;
const withoutSample = { SALLYPORT_SAMPLE_DATA: "0" };

interface Copied {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly team: Team;
}

/** Puts onto an installation what several tests of a file need. */
type Furnish = (app: TestApp) => Promise<void>;
const furnishNothing: Furnish = async () => {};

/** An installation of the team that nobody has used: what lies in its data directory. */
const makeCopied = async (furnish: Furnish): Promise<Copied> => {
  const app = await createTestApp({ environment: withoutSample });
  const team = await addTeam(app, plainHash);
  await furnish(app);
  await app.dependencies.close();
  const files = new Map(
    readdirSync(app.dataDirectory, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(app.dataDirectory, name))]),
  );
  rmSync(app.dataDirectory, { recursive: true });
  return { files, team };
};
const copied = new Map<Furnish, Promise<Copied>>();
const copiedOf = (furnish: Furnish): Promise<Copied> => {
  const made = copied.get(furnish) ?? makeCopied(furnish);
  copied.set(furnish, made);
  return made;
};

/** @returns the data directory of an installation that is like all others of this file */
const copy = ({ files }: Copied): string => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-team-"));
  for (const [name, content] of files)
    writeFileSync(join(directory, name), content, { mode: 0o600 });
  return directory;
};

/** What the installation itself hangs on, and not only the process that serves it. */
const isInstalledOtherwise = ({ clock, dataDirectory, environment = {} }: Options): boolean =>
  dataDirectory !== undefined ||
  (clock !== undefined && clock.now() !== testStart) ||
  ["SALLYPORT_SECRET", "SALLYPORT_DATABASE_URL"].some((name) => name in environment);

/**
 * The app of one test, closed when the test ends; then it must not have thought anything its own
 * fault. Within a file most installations are copies of one, secret, keys and ids included: to make
 * one takes as long as a test.
 * @param options.isOnlyOne an installation that is like no other
 * @param options.furnish puts onto it what others of the file need as well, by the same function
 * @param passwordHash how the stored hashes come about, where the stand-in's will not do
 */
export const createTeamApp = async (
  {
    isOnlyOne = false,
    furnish = furnishNothing,
    ...options
  }: Options & { readonly isOnlyOne?: boolean; readonly furnish?: Furnish } = {},
  passwordHash = plainHash,
): Promise<TeamApp> => {
  const like =
    isOnlyOne || passwordHash !== plainHash || isInstalledOtherwise(options)
      ? undefined
      : await copiedOf(furnish);
  const directory = like && copy(like);
  const app = await createTestApp({
    ...options,
    ...(directory !== undefined && { dataDirectory: directory }),
    environment: { ...withoutSample, ...options.environment },
  });
  onTestFinished(async () => {
    await app.close();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    expect(app.faults).toEqual([]);
  });
  if (like !== undefined) return { ...app, ...like.team };
  const team = await addTeam(app, passwordHash);
  await furnish(app);
  return { ...app, ...team };
};
