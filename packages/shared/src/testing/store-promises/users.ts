import { permissions } from "../../contract/permissions.ts";
import { adminRole, type NewUser } from "../../core/core.ts";
import { holds, includes, same } from "../differences.ts";
import {
  areBusy,
  bytes,
  countOutcomes,
  eventOf,
  promisesOn,
  userIdOf,
  type StoreSubject,
} from "./promise.ts";

const { promise, promiseOfDatabases } = promisesOn<"users" | "roles" | "oneUseTokens">();

export const newUser = (
  subject: Pick<StoreSubject, "newId" | "now">,
  name: string,
  about: Partial<NewUser> = {},
): NewUser => ({
  id: subject.newId("usr"),
  username: name,
  usernameKey: name,
  email: `${name}@example.com`,
  emailKey: `${name}@example.com`,
  displayName: name,
  passwordHash: null,
  active: true,
  createdAt: subject.now,
  ...about,
});

export const ofUsers = [
  promise("a user is added with roles as they were read, or not at all", async (subject) => {
    const { users, roles } = subject.stores;
    const added = eventOf(subject, "user.create");
    const role = (await roles.list()).find(({ name }) => name === "marketing");
    holds(role !== undefined, "there is the role");
    const olga = newUser(subject, "olga", { passwordHash: "hash" });
    same(await users.add(olga, [role], added), "added", "the outcome");
    const rights = await users.readRights(olga.id);
    includes(
      rights,
      { roles: ["marketing"], permissions: [], sections: ["marketing"] },
      "the rights",
    );
    const found = await users.find("olga");
    includes(
      found,
      { id: olga.id, username: "olga", displayName: "olga", passwordHash: "hash", active: true },
      "the user",
    );
    same(rights?.user, found, "who is found");
    same(
      [
        await users.add(newUser(subject, "olga", { emailKey: "another" }), [], added),
        await users.add(newUser(subject, "pia", { emailKey: "olga@example.com" }), [], added),
        await users.add(newUser(subject, "pia"), [{ id: role.id, epoch: role.epoch - 1 }], added),
        await users.add(newUser(subject, "pia"), [{ id: "rol_none", epoch: 1 }], added),
        await users.find("pia"),
      ],
      ["nameTaken", "nameTaken", "changed", "changed", null],
      "what is refused",
    );
    same(await subject.countEvents("user.create"), 1, "events");
    const inactive = newUser(subject, "quin", { active: false });
    same(await users.add(inactive, [], added), "added", "one who is not active");
    same((await users.find("quin"))?.active, false, "is not active");
  }),
  promise("people may do without an address, and none is like another's", async (subject) => {
    const { users } = subject.stores;
    const added = eventOf(subject, "user.create");
    const without = { email: null, emailKey: null };
    same(
      [
        await users.add(newUser(subject, "olga", without), [], added),
        await users.add(newUser(subject, "pia", without), [], added),
        (await users.find("pia"))?.email,
      ],
      ["added", "added", null],
      "two without",
    );
  }),
  promise("the version of a user rises with their roles, and not with grants", async (subject) => {
    const { users, roles } = subject.stores;
    const read = async (): Promise<number> => (await users.find("nora"))?.version ?? 0;
    const before = await read();
    const [role] = await roles.list();
    holds(role !== undefined, "there is a role");
    await roles.applyToUser(
      await userIdOf(subject, "nora"),
      (await users.find("nora"))?.epoch ?? 0,
      { add: [role], remove: [] },
      eventOf(subject, "user.changeRoles"),
    );
    const given = await read();
    holds(given > before, "with a role");
    await subject.deactivate("nora");
    holds((await read()) > given, "when they are deactivated");
  }),
  promiseOfDatabases(
    "whatever edits a user by hand is told by their version",
    async (subject, database) => {
      const read = async (): Promise<number> =>
        (await subject.stores.users.find("nora"))?.version ?? 0;
      let version = await read();
      for (const statement of [
        "UPDATE users SET display_name = 'By hand' WHERE username = 'nora'",
        "UPDATE users SET email = NULL, email_key = NULL WHERE username = 'nora'",
        "INSERT INTO user_roles (user_id, role_id) SELECT users.id, roles.id FROM users JOIN roles ON roles.name = 'marketing' WHERE username = 'nora'",
        "DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE username = 'nora')",
      ]) {
        await database.query(statement);
        const now = await read();
        holds(now > version, `the version rises with: ${statement}`);
        version = now;
      }
      const id = await userIdOf(subject, "nora");
      for (const statement of [
        "UPDATE users SET password_hash = NULL WHERE username = 'nora'",
        `INSERT INTO grants (id, user_id, created_at) VALUES ('grt_1', '${id}', 0)`,
      ]) {
        await database.query(statement);
        same(await read(), version, `the version stays with: ${statement}`);
      }
    },
  ),
  promiseOfDatabases(
    "the name of somebody who is gone is given to nobody",
    async (subject, database) => {
      await database.query("DELETE FROM users WHERE username = 'nora'");
      const { users } = subject.stores;
      const added = eventOf(subject, "user.create");
      const fresh = { email: "another@example.com", emailKey: "another@example.com" };
      same(
        [
          await users.add(newUser(subject, "nora", fresh), [], added),
          await users.addAdmin(newUser(subject, "nora", fresh), null, added),
          await users.find("nora"),
        ],
        ["nameTaken", "nameTaken", null],
        "the outcomes",
      );
    },
  ),
  promise("whatever text somebody signs in with, it is nobody's name", async ({ stores }) => {
    for (const name of ["mike\0", "\ud800", "mike' OR 'a' = 'a", ""])
      same(
        [await stores.users.find(name), await stores.users.isKnownDevice(name, bytes(1))],
        [null, false],
        JSON.stringify(name),
      );
  }),
  promise("of users of one name, however many are added at once, one is", async (subject) => {
    same(
      await countOutcomes(subject, 6, ({ users }) =>
        users.add(newUser(subject, "olga"), [], eventOf(subject, "user.create")),
      ),
      { added: 1, nameTaken: 5 },
      "the outcomes",
    );
    same(await subject.countEvents("user.create"), 1, "events");
  }),
  promise("a hash is replaced by a better one where it is still what it was", async (subject) => {
    const { users } = subject.stores;
    const olga = newUser(subject, "olga", { passwordHash: "old" });
    await users.add(olga, [], eventOf(subject, "user.create"));
    await users.replacePasswordHash(olga.id, "not it", "new");
    same((await users.find("olga"))?.passwordHash, "old", "what it was not");
    await users.replacePasswordHash(olga.id, "old", "new");
    same((await users.find("olga"))?.passwordHash, "new", "what it was");
  }),
  promise(
    "a setup token makes one admin where there is none, however many ask at once",
    async (subject) => {
      const { stores, now } = subject;
      const tokenHash = bytes(7);
      await stores.oneUseTokens.add({
        tokenHash,
        purpose: "setup",
        createdAt: now,
        expiresAt: now + 1_000,
      });
      const event = eventOf(subject, "user.createAdmin");
      const add = (
        name: string,
        hash: Uint8Array | null = tokenHash,
        { users }: Pick<typeof stores, "users"> = stores,
      ) => users.addAdmin(newUser(subject, name, { passwordHash: "hash" }), hash, event);
      same(await add("first"), "adminExists", "while there is an admin");
      await subject.deactivate("mica");
      same(await stores.users.hasAdmin(), false, "nobody else is one");
      const admins = (await stores.roles.list()).filter(({ builtIn }) => builtIn);
      await stores.users.add(newUser(subject, "olga"), admins, eventOf(subject, "user.create"));
      same(await stores.users.hasAdmin(), false, "nor is who cannot sign in");
      same(await add("first", bytes(8)), "tokenInvalid", "another token");
      same(await add("mike"), "nameTaken", "a name that is taken");
      same(
        await countOutcomes(subject, 4, (some, index) => add(`one of ${index}`, tokenHash, some)),
        { added: 1, adminExists: 3 },
        "the outcomes",
      );
      same(await stores.oneUseTokens.isUsable(tokenHash, now), false, "the token is used up");
      holds(await stores.users.hasAdmin(), "there is an admin");
      same(await add("of the tool", null), "added", "the tool needs no token");
    },
  ),
  promise(
    "an admin is added with every right, whatever has become of the role",
    async (subject) => {
      const { users, roles } = subject.stores;
      await subject.deactivate("mica");
      const admins = (await roles.list()).find(({ name }) => name === adminRole.name);
      holds(admins !== undefined, "there is the role");
      await roles.remove(admins.id, admins.version, eventOf(subject, "role.delete"));
      const added = eventOf(subject, "user.createAdmin");
      same(await users.addAdmin(newUser(subject, "olga"), null, added), "added", "the outcome");
      const rights = await users.readRights(await userIdOf(subject, "olga"));
      same(
        [rights?.roles, rights?.permissions.toSorted(), rights?.sections],
        [[adminRole.name], permissions.toSorted(), ["_all_"]],
        "the rights",
      );
    },
  ),
  promiseOfDatabases("a user who cannot be written now is busy", async (subject, database) => {
    const { users } = subject.stores;
    const nora = await userIdOf(subject, "nora");
    await areBusy(database, {
      add: () => users.add(newUser(subject, "olga"), [], eventOf(subject, "user.create")),
      addAdmin: () =>
        users.addAdmin(newUser(subject, "pia"), null, eventOf(subject, "user.createAdmin")),
      replacePasswordHash: async () => {
        const hash = (await users.find("nora"))?.passwordHash ?? "";
        await users.replacePasswordHash(nora, hash, "another");
      },
    });
    same([await users.find("olga"), await users.find("pia")], [null, null], "nobody was added");
  }),
  promiseOfDatabases("a user whose adding is cut off is not there", async (subject, database) => {
    await database.cutOff(
      "users",
      "add",
      newUser(subject, "olga"),
      await subject.stores.roles.list(),
      eventOf(subject, "user.create"),
    );
    same(await subject.stores.users.find("olga"), null, "the user");
    same(await subject.countEvents("user.create"), 0, "events");
    same(
      await subject.stores.users.add(newUser(subject, "olga"), [], eventOf(subject, "user.create")),
      "added",
      "afterwards",
    );
  }),
];
