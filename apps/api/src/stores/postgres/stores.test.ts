/** What every store has to do, on PostgreSQL, for the domains that there are so far. */
import { describe, expect, inject, it } from "vitest";
import pg from "pg";
import {
  usernameKey,
  type AuditAction,
  type AuditEvent,
  type NewPerson,
  type NewUser,
} from "@sallyport/shared/core";
import {
  readSampleSections,
  sampleEmailOf,
  samplePasswordOf,
  samplePeople,
  sampleRoles,
} from "@sallyport/shared/sample";
import {
  giveGrant,
  storePromises,
  type Database,
  type StoreSubject,
} from "@sallyport/shared/testing";
import { createDatabase, queryByHand, type Cluster } from "../../../test/postgres/cluster.ts";
import { newId } from "../../tokens/chance.ts";
import { openDatabase } from "./connection.ts";
import { createPostgresStores, type PostgresStores } from "./stores.ts";

const now = Date.parse("2026-11-22T09:00:00Z");

const domains = [
  "accessRequests",
  "audit",
  "displayLinks",
  "grants",
  "notices",
  "oneUseTokens",
  "outbox",
  "roles",
  "sessions",
  "users",
] as const;
const promises = domains.flatMap((domain) =>
  storePromises[domain].map((promise) => ({ domain, name: promise.name, promise })),
);

const eventOf = (action: AuditAction): AuditEvent => ({ at: 0, action, result: "success" });

const newUser = (username: string): NewUser => ({
  id: newId("usr"),
  username,
  usernameKey: usernameKey(username),
  email: sampleEmailOf(username),
  emailKey: sampleEmailOf(username),
  emailVerified: true,
  displayName: username,
  passwordHash: samplePasswordOf(username),
  active: true,
  createdAt: now,
});

const personOf = (user: NewUser, isIn: readonly { readonly id: string }[]): NewPerson => ({
  user,
  roleIds: isIn.map(({ id }) => id),
  link: null,
  audit: eventOf("user.create"),
});

const addSample = async (url: string): Promise<void> => {
  const database = await openDatabase(url);
  const { users, roles, grants } = createPostgresStores(database, () => now);
  for (const [index, { slug, title, visibility = "restricted" }] of readSampleSections().entries())
    await database.pool.query(
      "INSERT INTO sections (id, slug, title, position, visibility, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 0, 0)",
      [newId("sec"), slug, title, index + 1, visibility],
    );
  for (const { sections, ...role } of sampleRoles) {
    const builtIn = (await roles.list()).find(({ name }) => name === role.name);
    const id = builtIn?.id ?? newId("rol");
    if (!builtIn)
      await roles.add({ id, ...role }, { users: [], roles: [] }, eventOf("role.create"));
    for (const section of sections) await giveGrant(grants, { roleId: id }, section, 0);
  }
  const found = await roles.list();
  for (const { username, displayName, active, roles: names, sections } of samplePeople) {
    const user = { ...newUser(username), displayName, active };
    const isIn = found.filter(({ name }) => names.includes(name));
    await users.add([personOf(user, isIn)], { users: [], roles: isIn });
    for (const section of sections) await giveGrant(grants, { userId: user.id }, section, 0);
  }
  await database.close();
  // The promises count the events of what they do themselves.
  await queryByHand(
    url,
    "BEGIN",
    "SET LOCAL sallyport.audit_retention = '1'",
    "DELETE FROM audit_events",
    "COMMIT",
  );
};

/**
 * Whoever writes through this connection loses it when an audit event is written, and nothing is
 * committed.
 */
const cutOffConnections = "cut-off";
const cutOffTrigger = [
  `CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     IF current_setting('application_name') = '${cutOffConnections}' THEN
       PERFORM pg_terminate_backend(pg_backend_pid());
       PERFORM pg_sleep(60);
     END IF;
     RETURN NULL;
   END $$`,
  "CREATE TRIGGER cut_off AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION cut_off()",
];

const byHand = (url: string): Database => ({
  query: (statement) => queryByHand(url, statement),
  block: async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("BEGIN");
    await client.query(
      "LOCK TABLE users, roles, role_permissions, user_roles, grants, sessions, audit_events IN EXCLUSIVE MODE",
    );
    return () => client.end();
  },
  keepRow: async (table, id) =>
    void (await queryByHand(
      url,
      `CREATE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF OLD.id = '${id}' THEN RAISE EXCEPTION 'kept'; END IF;
         RETURN OLD;
       END $$`,
      `CREATE TRIGGER keep_row BEFORE DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION keep_row()`,
    )),
  cutOff: async (domain, method, ...given) => {
    await queryByHand(url, ...cutOffTrigger);
    const database = await openDatabase(`${url}&application_name=${cutOffConnections}`);
    const stores = createPostgresStores(database, () => now);
    const store = stores[domain as keyof PostgresStores] as unknown as Readonly<
      Record<PropertyKey, (...given: unknown[]) => Promise<unknown>>
    >;
    await expect(store[method]?.(...given)).rejects.toMatchObject({ code: "busy" });
    await database.close();
    await queryByHand(url, "DROP TRIGGER cut_off ON audit_events");
  },
});

const open = async (
  cluster: Cluster,
  from: string,
): Promise<{ readonly subject: StoreSubject<keyof PostgresStores>; close(): Promise<void> }> => {
  const { url, drop } = await createDatabase(cluster, from);
  const instances = [await openDatabase(url), await openDatabase(url)] as const;
  return {
    subject: {
      stores: createPostgresStores(instances[0], () => now),
      others: createPostgresStores(instances[1], () => now),
      now,
      newId,
      deactivate: async (username) =>
        void (await queryByHand(
          url,
          `UPDATE users SET active = false WHERE username_key = '${username}'`,
        )),
      countEvents: async (action) => {
        const rows = await queryByHand(
          url,
          `SELECT count(*) AS events FROM audit_events WHERE action = '${action}'`,
        );
        return Number(rows[0]?.["events"]);
      },
      database: byHand(url),
    },
    close: async () => {
      for (const instance of instances) await instance.close();
      await drop();
    },
  };
};

const cluster = inject("cluster");

describe.skipIf(cluster === null)("stores on PostgreSQL", () => {
  let sample: Promise<string> | undefined;
  const nameOfSample = async (): Promise<string> => {
    const { name, url } = await createDatabase(cluster as Cluster);
    await addSample(url);
    return name;
  };

  // What is busy waits in earnest, so that they wait together.
  it.concurrent.for(promises)("$domain: $name", async ({ promise }, { expect, onTestFinished }) => {
    sample ??= nameOfSample();
    const { subject, close } = await open(cluster as Cluster, await sample);
    onTestFinished(close);
    await expect(promise.run(subject)).resolves.toBeUndefined();
  });

  it("lets nobody into a role whose change is about to be committed", async ({
    expect,
    onTestFinished,
  }) => {
    sample ??= nameOfSample();
    const { url, drop } = await createDatabase(cluster as Cluster, await sample);
    const database = await openDatabase(url);
    const hand = new pg.Client({ connectionString: url });
    onTestFinished(async () => {
      await hand.end();
      await database.close();
      await drop();
    });
    const { users, roles } = createPostgresStores(database, () => now);
    await hand.connect();
    await hand.query("BEGIN");
    await hand.query(
      "INSERT INTO role_permissions SELECT id, 'one:thing' FROM roles WHERE name = 'marketing'",
    );
    const given = (await roles.list()).filter(({ name }) => name === "marketing");
    const adding = users.add([personOf(newUser("olga"), given)], { users: [], roles: given });
    // On a busy machine that takes longer than the second that a poll is given.
    await expect
      .poll(
        async () => {
          const rows = await queryByHand(
            url,
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
          );
          return rows.length;
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    await hand.query("COMMIT");
    expect(await adding).toBe("changed");
    expect(await users.find("olga")).toBeNull();
  });
});
