/**
 * Nobody comes to more rights than they have: every endpoint that asks for a permission is walked
 * by people with generated rights, who ask for as much as they can, and after each answer a plain
 * model is asked whether anybody has come to something. Later endpoints join by themselves: what
 * they take is made from their example.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  contract,
  everySection,
  methodOf,
  pathOf,
  permissions,
  type ContractKey,
  type Endpoint,
  type SimpleAccess,
} from "@sallyport/shared/contract";
import { behaviourTable } from "@sallyport/shared/testing";
import { createTeamApp, giveGrant, type TeamApp } from "./team.ts";
import { signInForBody } from "./test-browser.ts";

const forGood = " for good";

/**
 * What somebody may do, by names: permissions, slugs of sections, and those again with a word where
 * they have them for good. Others end when nora's does.
 */
type Rights = ReadonlySet<string>;
const rightsOf = (found: {
  readonly permissions: readonly string[];
  readonly grants: readonly { readonly section: string; readonly expiresAt: number | null }[];
}): Rights =>
  new Set([
    ...found.permissions,
    ...found.grants.flatMap(({ section, expiresAt }) =>
      expiresAt === null ? [section, `${section}${forGood}`] : [section],
    ),
  ]);

/** The rule in its plainest form: right by right. */
const has = (rights: Rights, right: string): boolean =>
  rights.has(right) ||
  (!right.includes(":") &&
    (rights.has(right.endsWith(forGood) ? `${everySection}${forGood}` : everySection) ||
      rights.has("sections:write")));
const hasAll = (rights: Rights, wanted: Rights): boolean =>
  [...wanted].every((right) => has(rights, right));

/** Of every permission alone, of some that make a way together, and of some that nobody chose. */
const actors: readonly (readonly string[])[] = [
  ...permissions.map((permission) => [permission]),
  permissions.filter((permission) => permission !== "audit:read"),
  ["users:read", "users:write", "roles:read", "roles:write"],
  ["users:write", "grants:write", "sessions:write", "accessRequests:write"],
  ...fc.sample(fc.subarray([...permissions], { minLength: 3 }), { seed: 11, numRuns: 4 }),
];

const importKey = "POST /users/import";
const guarded = (Object.entries(contract) as [ContractKey, Endpoint][]).flatMap(
  ([key, { access, upload }]) => {
    const needed: SimpleAccess =
      typeof access === "object" && "when" in access ? access.when.access : access;
    const query = typeof access === "object" && "when" in access ? access.when : null;
    return typeof needed === "object" &&
      "permission" in needed &&
      (upload === undefined || key === importKey)
      ? [{ key, permission: needed.permission, query }]
      : [];
  },
);

/** A file that asks for a role, the only upload that may give rights. */
const fileFor = (app: TeamApp, roleId: string, turn: number) => {
  const { admin, marketing } = app.roleIds;
  const role = roleId === admin ? "admin" : roleId === marketing ? "marketing" : "own";
  return {
    body: `username,displayName,roles\nruth${turn},Ruth,${role}\n`,
    headers: { "content-type": "text/csv" },
  };
};

interface State {
  readonly people: ReadonlyMap<string, { readonly rights: Rights; readonly about: string }>;
  readonly roles: ReadonlyMap<string, Rights>;
}

const readState = async ({ dependencies: { stores } }: TeamApp): Promise<State> => {
  const filter = { text: null, roleId: null, active: null };
  const order = { by: "username", descending: false } as const;
  const { items } = await stores.users.list(filter, order, null, 1_000);
  const people = new Map<string, { rights: Rights; about: string }>();
  for (const { user } of items) {
    const found = await stores.users.readRights(user.id);
    const { displayName, email, passwordHash, active } = user;
    if (found)
      people.set(user.id, {
        rights: rightsOf(found),
        about: JSON.stringify([displayName, email, passwordHash, active]),
      });
  }
  const ids = (await stores.roles.list()).map(({ id }) => id);
  const roles = await stores.roles.readRights(ids);
  return { people, roles: new Map(roles.map((role) => [role.id, rightsOf(role)])) };
};

/** Of a role with finance for as long as nora has it, and dan in it, who has marketing besides. */
const grantOfStronger = `grt_${"C".repeat(22)}`;
const mixed = `rol_${"C".repeat(22)}`;
const grantOfOwn = `grt_${"B".repeat(22)}`;

/** nora has a role of these permissions, which has the section finance for an hour. */
const begin = async (held: readonly string[]) => {
  const app = await createTeamApp();
  const own = `rol_${"B".repeat(22)}`;
  app.runSql("INSERT INTO roles (id, name) VALUES (?, 'own'), (?, 'mixed')", own, mixed);
  for (const permission of held)
    app.runSql("INSERT INTO role_permissions VALUES (?, ?)", own, permission);
  for (const [grant, role] of [
    [grantOfOwn, own],
    [grantOfStronger, mixed],
  ])
    app.runSql(
      "INSERT INTO grants (id, role_id, section_id, expires_at, created_at) VALUES (?, ?, ?, ?, 0)",
      grant,
      role,
      app.sectionIds.finance,
      app.clock.now() + 3_600_000,
    );
  app.runSql("INSERT INTO user_roles VALUES (?, ?)", app.userIds.dan, mixed);
  await giveGrant(app, "dan", "marketing");
  app.runSql("INSERT INTO user_roles VALUES (?, ?)", app.userIds.nora, own);
  // Whoever answers it gives finance for good to somebody who has marketing.
  app.runSql(
    "INSERT INTO access_requests (id, user_id, asked_for, section_id, note, asked_at) VALUES (?, ?, 'finance', ?, '', 0)",
    `acr_${"A".repeat(22)}`,
    app.userIds.mike,
    app.sectionIds.finance,
  );
  const client = await signInForBody(app, "nora");
  return { app, client, own };
};

/** As much as can be asked for, in whatever the endpoint takes. */
const greedy = (value: unknown, userId: string, roleId: string, turn: number): unknown => {
  if (Array.isArray(value)) return value.map((one) => greedy(one, userId, roleId, turn));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === "permissions"
        ? [...permissions]
        : name === "roleIds"
          ? [roleId]
          : name === "roleId"
            ? roleId
            : name === "userIds"
              ? [userId]
              : name === "userId"
                ? userId
                : name === "section"
                  ? everySection
                  : name === "username" || name === "name"
                    ? `${String(inner).toLowerCase().slice(0, 8)}${turn}`
                    : greedy(inner, userId, roleId, turn),
    ]),
  );
};

/** Bodies that give more than an example does. */
const bodiesOf: { readonly [K in ContractKey]?: readonly object[] } = {
  "PATCH /users/:userId": [{ roleIds: [] }, { displayName: "Mine" }, { active: false }],
  "PATCH /roles/:roleId": [{ permissions: [] }, { name: "mine" }],
  "POST /grants/changes": [{ add: [], remove: [grantOfStronger] }],
  "POST /users": [{ username: "quin", displayName: "Quin", roleIds: [] }],
  "POST /users/changes": ["addRole", "removeRole"].map((change) => ({
    userIds: [],
    change,
    roleId: "",
  })),
};

it(
  "nobody comes to rights that they do not have, by any endpoint, whoever asks for whom",
  {
    timeout: 240_000,
  },
  async () => {
    let turn = 0;
    let answered = 0;
    const seen = new Set<string>();
    for (const held of actors) {
      let { app, client, own } = await begin(held);
      let before = await readState(app);
      for (const { key, permission, query } of guarded) {
        const example = behaviourTable[key].request as {
          readonly params?: Readonly<Record<string, string>>;
          readonly query?: Readonly<Record<string, string>>;
          readonly headers?: Readonly<Record<string, string>>;
          readonly body?: object;
        };
        const bodies = [...(example.body ? [example.body] : []), ...(bodiesOf[key] ?? [])];
        const mayAsk = held.includes(permission);
        // Who may not ask at all is told so whatever they ask for, and who only reads changes
        // nothing: once is enough.
        const targets =
          mayAsk && methodOf(key) !== "GET"
            ? (["mica", "mike", "nora"] as const).flatMap((person) =>
                [app.roleIds.admin, app.roleIds.marketing, own].map((roleId) => ({
                  person,
                  roleId,
                })),
              )
            : [{ person: "mica" as const, roleId: own }];
        for (const { person, roleId } of targets)
          for (const body of bodies.length > 0 ? bodies : [undefined]) {
            turn += 1;
            const userId = app.userIds[person];
            const path = pathOf(key).replaceAll(/:([A-Za-z]+)/g, (_, name: string) =>
              name === "userId"
                ? userId
                : name === "roleId"
                  ? roleId
                  : name === "grantId"
                    ? roleId === own
                      ? grantOfOwn
                      : grantOfStronger
                    : encodeURIComponent(example.params?.[name] ?? "marketing"),
            );
            const search = new URLSearchParams({
              ...example.query,
              ...(query && { [query.query]: query.is }),
            }).toString();
            const actor = before.people.get(app.userIds.nora)?.rights ?? new Set<string>();
            const reply = await client.send(methodOf(key), search ? `${path}?${search}` : path, {
              headers: { "if-match": "*", ...example.headers },
              ...(body && { body: greedy(body, userId, roleId, turn) }),
              ...(key === importKey && fileFor(app, roleId, turn)),
            });
            const what = `${key} by ${held.join(" ")}, on ${person}, ${reply.status} ${reply.body.code}`;
            answered += 1;
            seen.add(`${key} ${reply.status}`);
            if (!mayAsk) expect([reply.status, reply.body.code], what).toEqual([403, "forbidden"]);
            const after = await readState(app);
            for (const [id, { rights }] of after.people) {
              const was = before.people.get(id)?.rights ?? new Set<string>();
              const gained = new Set([...rights].filter((right) => !has(was, right)));
              expect(
                hasAll(actor, gained),
                `${what}: somebody has come to ${[...gained].join()}`,
              ).toBe(true);
              if (id === app.userIds.nora)
                expect([...gained], `${what}: the actor has come to something`).toEqual([]);
            }
            for (const [id, { rights, about }] of before.people) {
              if (hasAll(actor, rights)) continue;
              const found = after.people.get(id);
              expect(found?.about, `${what}: somebody stronger was changed`).toBe(about);
              const lost = [...rights].filter((right) => found?.rights.has(right) !== true);
              expect(lost, `${what}: somebody stronger has lost something`).toEqual([]);
            }
            for (const [id, rights] of after.roles) {
              const was = before.roles.get(id) ?? new Set<string>();
              const gained = new Set([...rights].filter((right) => !has(was, right)));
              expect(hasAll(actor, gained), `${what}: a role gives ${[...gained].join()}`).toBe(
                true,
              );
            }
            before = after;
            // Whoever has changed themselves begins again.
            if ((await client.send("GET", "/session")).status === 200) continue;
            ({ app, client, own } = await begin(held));
            before = await readState(app);
          }
      }
    }
    expect(answered).toBeGreaterThan(500);
    // It is no walk past closed doors: each of these was carried out by somebody.
    for (const outcome of [
      "POST /users 201",
      "PATCH /users/:userId 200",
      "DELETE /users/:userId 204",
      "POST /users/:userId/password-link 200",
      "POST /users/changes 200",
      "POST /users/import 201",
      "POST /roles 201",
      "PATCH /roles/:roleId 200",
      "DELETE /roles/:roleId 204",
      "DELETE /grants/:grantId 204",
      "DELETE /grants/:grantId 403",
      "POST /access-requests/:accessRequestId/answer 204",
    ])
      expect([...seen]).toContain(outcome);
  },
);
