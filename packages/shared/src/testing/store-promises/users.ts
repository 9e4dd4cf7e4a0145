import { permissions } from "../../contract/permissions.ts";
import type { Preferences } from "../../contract/preferences.ts";
import {
  adminRole,
  type NewUser,
  type UserFilter,
  type UserOrder,
  type UserPlace,
} from "../../core/core.ts";
import { holds, includes, same } from "../differences.ts";
import {
  addUser,
  areBusy,
  asTheyAre,
  bytes,
  changeRoles,
  countOutcomes,
  eventOf,
  promisesOn,
  userIdOf,
  type StoreSubject,
} from "./promise.ts";

const { promise, promiseOfDatabases } = promisesOn<
  "users" | "roles" | "oneUseTokens" | "notices"
>();

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
  emailVerified: false,
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
    same(await addUser(subject.stores, olga, [role], added), "added", "the outcome");
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
        await addUser(subject.stores, newUser(subject, "olga", { emailKey: "another" }), [], added),
        await addUser(
          subject.stores,
          newUser(subject, "pia", { emailKey: "olga@example.com" }),
          [],
          added,
        ),
        await addUser(
          subject.stores,
          newUser(subject, "pia"),
          [{ id: role.id, epoch: role.epoch - 1 }],
          added,
        ),
        await addUser(
          subject.stores,
          newUser(subject, "pia"),
          [{ id: "rol_none", epoch: 1 }],
          added,
        ),
        await users.find("pia"),
      ],
      ["nameTaken", "nameTaken", "changed", "changed", null],
      "what is refused",
    );
    same(await subject.countEvents("user.create"), 1, "events");
    const inactive = newUser(subject, "quin", { active: false });
    same(await addUser(subject.stores, inactive, [], added), "added", "one who is not active");
    same((await users.find("quin"))?.active, false, "is not active");
  }),
  promise("people may do without an address, and none is like another's", async (subject) => {
    const { users } = subject.stores;
    const added = eventOf(subject, "user.create");
    const without = { email: null, emailKey: null };
    same(
      [
        await addUser(subject.stores, newUser(subject, "olga", without), [], added),
        await addUser(subject.stores, newUser(subject, "pia", without), [], added),
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
    await changeRoles(
      subject.stores,
      await userIdOf(subject, "nora"),
      { add: [role] },
      eventOf(subject, "user.change"),
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
          await addUser(subject.stores, newUser(subject, "nora", fresh), [], added),
          await users.addAdmin(newUser(subject, "nora", fresh), null, added),
          await users.find("nora"),
        ],
        ["nameTaken", "nameTaken", null],
        "the outcomes",
      );
    },
  ),
  promise("users are listed in an order, behind a place in it, and filtered", async (subject) => {
    const { users, roles } = subject.stores;
    const role = (await roles.list()).find(({ name }) => name === "marketing");
    holds(role !== undefined, "there is the role");
    await addUser(
      subject.stores,
      newUser(subject, "zoë", { displayName: "Åsa Ö", email: null, emailKey: null }),
      [role],
      eventOf(subject, "user.create"),
    );
    const everybody: UserFilter = { text: null, roleId: null, active: null };
    const read = async (
      filter: Partial<UserFilter>,
      order: Partial<UserOrder> = {},
      limit = 2,
    ): Promise<[readonly string[], number]> => {
      const names: string[] = [];
      for (let after: UserPlace | null = null; ;) {
        const { items, total } = await users.list(
          { ...everybody, ...filter },
          { by: "username", descending: false, ...order },
          after,
          limit,
        );
        names.push(...items.map(({ user }) => user.username));
        const last = items.at(-1);
        if (items.length < limit || last === undefined) return [names, total];
        after = last.place;
      }
    };
    const byName = ["dan", "frida", "mica", "mike", "nora", "zoë"];
    same(await read({}), [byName, 6], "by user name");
    same(await read({}, { descending: true }), [byName.toReversed(), 6], "backwards");
    same(await read({}, { by: "displayName" }, 100), [byName, 6], "by name");
    same(
      (await read({}, { by: "createdAt", descending: true }))[0].toSorted(),
      byName,
      "by when they were added, where several were at once",
    );
    same(
      [
        await read({ text: "åsa" }),
        await read({ text: "example.com" }, {}, 100),
        await read({ text: "%" }),
        await read({ roleId: role.id }),
        await read({ roleId: role.id, active: true }),
        await read({ roleId: "rol_none" }),
        await read({ active: false }),
      ],
      [
        [["zoë"], 1],
        [byName.slice(0, 5), 5],
        [[], 0],
        [["dan", "mike", "zoë"], 3],
        [["mike", "zoë"], 2],
        [[], 0],
        [["dan"], 1],
      ],
      "some of them",
    );
    const { items } = await users.list(
      { ...everybody, text: "zoë" },
      { by: "username", descending: false },
      null,
      1,
    );
    includes(
      items[0],
      {
        user: { email: null, active: true, passwordHash: null },
        isIn: [{ id: role.id, name: "marketing" }],
        createdAt: subject.now,
        lastSeenAt: null,
      },
      "what is told of one",
    );
  }),
  promise("a user is read with their roles, and with why they may do what", async (subject) => {
    const { users } = subject.stores;
    const mike = await userIdOf(subject, "mike");
    const found = await users.read(mike);
    includes(
      found,
      { user: { username: "mike" }, permissions: [], sections: ["marketing"] },
      "mike",
    );
    same(
      found?.isIn.map(({ name }) => name),
      ["marketing"],
      "his roles",
    );
    same(await users.read("usr_nobody"), null, "nobody");
    const why = await users.readReasons(mike);
    same(
      why.grants.map(({ section, role, expiresAt }) => [section, role?.name, expiresAt]),
      [["marketing", "marketing", null]],
      "why he sees what",
    );
    const ofMica = await users.readReasons(await userIdOf(subject, "mica"));
    same(
      ofMica.permissions.map(({ permission, role }) => `${permission} ${role.name}`).toSorted(),
      permissions.map((permission) => `${permission} admin`).toSorted(),
      "why mica may do what",
    );
    const ofFrida = await users.readReasons(await userIdOf(subject, "frida"));
    same(
      ofFrida.grants.map(({ section, role }) => `${section} ${role?.name}`).sort(),
      ["finance undefined", "operations undefined"],
      "why frida sees what",
    );
    same(await users.readReasons("usr_nobody"), { permissions: [], grants: [] }, "of nobody");
  }),
  promise("several users are added, or none of them", async (subject) => {
    const { users } = subject.stores;
    const person = (name: string, about: Partial<NewUser> = {}) => ({
      user: newUser(subject, name, about),
      roleIds: [],
      link: null,
      audit: eventOf(subject, "user.create"),
    });
    same(
      await users.add([person("olga"), person("mike"), person("pia")], asTheyAre),
      "nameTaken",
      "with somebody who is there",
    );
    same(
      await users.findTaken(["olga", "mike", "nobody"], ["nora@example.com", "none@example.com"]),
      { usernameKeys: ["mike"], emailKeys: ["nora@example.com"] },
      "what is taken",
    );
    same(await users.add([person("olga"), person("pia")], asTheyAre), "added", "two");
    same(await subject.countEvents("user.create"), 2, "events");
  }),
  promise("a user is changed as they were read, and what is left out stays", async (subject) => {
    const { users } = subject.stores;
    const id = await userIdOf(subject, "nora");
    const changed = eventOf(subject, "user.change");
    const before = (await users.find("nora")) ?? { version: 0, epoch: 0 };
    const on = { id, version: before.version };
    const email = { address: "Nora@example.org", key: "nora@example.org" };
    same(
      await users.apply(on, asTheyAre, { displayName: "Nora B.", email }, changed),
      "applied",
      "",
    );
    const now = await users.find("nora");
    includes(now, { displayName: "Nora B.", email: "Nora@example.org", active: true }, "nora");
    same(now?.epoch, before.epoch, "her rights are the same");
    same(await users.apply(on, asTheyAre, { active: false }, changed), "changed", "on what was");
    const version = now?.version ?? 0;
    same(
      await users.apply(
        { id, version },
        asTheyAre,
        { email: { address: "mike@example.com", key: "mike@example.com" } },
        changed,
      ),
      "nameTaken",
      "another's address",
    );
    same(
      await users.apply({ id, version }, asTheyAre, { email: null }, changed),
      "applied",
      "none",
    );
    same((await users.find("nora"))?.email, null, "no address");
    same(
      (
        await users.list(
          { text: "nora b.", roleId: null, active: null },
          { by: "displayName", descending: false },
          null,
          9,
        )
      ).total,
      1,
      "found by the new name",
    );
    same(await subject.countEvents("user.change"), 2, "events");
  }),
  promise("what a user changes of their own is written on what they read", async (subject) => {
    const { users } = subject.stores;
    const changed = eventOf(subject, "user.change");
    const read = async () => {
      const found = await users.readRights(await userIdOf(subject, "nora"));
      holds(found !== null, "nora is there");
      return found;
    };
    const first = await read();
    same(first.preferences, {}, "in the beginning");
    const { displayName } = first.user;
    const chosen = { timeZone: "Europe/Paris", language: "fr" };
    const apply = (found: typeof first, name: string, preferences: Preferences) =>
      users.applyOwn(found, { displayName: name, preferences }, changed);
    same(await apply(first, displayName, chosen), "applied", "a choice");
    const second = await read();
    same(
      [second.preferences, second.user.version, second.user.epoch],
      [chosen, first.user.version, first.user.epoch],
      "it is there, and is neither an edit nor a right",
    );
    same(await apply(first, displayName, {}), "changed", "on what was");
    same(await apply(second, "Nora B.", { language: "fr" }), "applied", "a name and a choice");
    const third = await read();
    same(
      [third.preferences, third.user.displayName, third.user.version],
      [{ language: "fr" }, "Nora B.", first.user.version + 1],
      "both, and the name is an edit",
    );
    same(
      await apply({ ...second, preferences: third.preferences }, "Nora C.", {}),
      "changed",
      "on the name that was",
    );
    same(await subject.countEvents("user.change"), 2, "events");
  }),
  promise(
    "a user is deleted as they were read, and their name is given to nobody",
    async (subject) => {
      const { users } = subject.stores;
      const id = await userIdOf(subject, "nora");
      const deleted = eventOf(subject, "user.delete");
      const { version, epoch } = (await users.find("nora")) ?? { version: 0, epoch: 0 };
      same(
        [
          await users.remove({ id, version: version - 1 }, asTheyAre, deleted),
          await users.remove(
            { id, version },
            { users: [{ id, epoch: epoch - 1 }], roles: [] },
            deleted,
          ),
        ],
        ["changed", "changed"],
        "on what was",
      );
      const mica = await userIdOf(subject, "mica");
      const admin = (await users.find("mica"))?.version ?? 0;
      same(
        await users.remove({ id: mica, version: admin }, asTheyAre, deleted),
        "lastAdmin",
        "mica",
      );
      same(await users.remove({ id, version }, asTheyAre, deleted), "applied", "nora");
      same(
        [
          await users.find("nora"),
          await users.read(id),
          (await users.findTaken(["nora"], ["nora@example.com"])).usernameKeys,
          await addUser(
            subject.stores,
            newUser(subject, "nora", { emailKey: "another" }),
            [],
            eventOf(subject, "user.create"),
          ),
        ],
        [null, null, ["nora"], "nameTaken"],
        "what is left",
      );
      same(await subject.countEvents("user.delete"), 1, "events");
    },
  ),
  promise("a link to choose a password works once, and in the place of others", async (subject) => {
    const { users, oneUseTokens } = subject.stores;
    const { now } = subject;
    const userId = await userIdOf(subject, "nora");
    const madeBy = await userIdOf(subject, "mica");
    const linkOf = (number: number, about: object = {}) => ({
      tokenHash: bytes(number),
      purpose: "password" as const,
      userId,
      madeBy,
      createdAt: now,
      expiresAt: now + 10,
      ...about,
    });
    const made = eventOf(subject, "user.makePasswordLink");
    const told = { userId, kind: "passwordLinkMade" as const, at: now, data: { madeBy: "mica" } };
    const replace = (link: ReturnType<typeof linkOf>, expected = asTheyAre) =>
      oneUseTokens.replacePasswordLink(link, expected, made, told);
    const find = (number: number, at = now) => oneUseTokens.findPasswordLink(bytes(number), at);
    const expiresAt = now + 10;
    same(await replace(linkOf(1)), "applied", "one");
    same(await find(1), { userId, madeBy, expiresAt, isMailed: false }, "the link");
    const notices = await subject.stores.notices.listOpen(userId);
    same(
      notices.map(({ userId: of, kind, at, data }) => ({ userId: of, kind, at, data })),
      [told],
      "what its user is told",
    );
    same(
      [await find(1, now + 10), await find(2), await oneUseTokens.isUsable(bytes(1), now)],
      [null, null, false],
      "no link",
    );
    const epoch = (await users.find("nora"))?.epoch ?? 0;
    const stale = { users: [{ id: userId, epoch: epoch - 1 }], roles: [] };
    same(await replace(linkOf(2), stale), "changed", "on what was");
    same(await replace(linkOf(2, { madeBy: null })), "applied", "another");
    same(
      [await find(1), await find(2)],
      [null, { userId, madeBy: null, expiresAt, isMailed: false }],
      "one is left",
    );
    const chosen = eventOf(subject, "user.choosePassword");
    const choose = (
      number: number,
      expected = asTheyAre,
      some: Pick<typeof subject.stores, "users"> = subject.stores,
    ) =>
      some.users.choosePassword(
        { userId, tokenHash: bytes(number), passwordHash: "chosen" },
        expected,
        chosen,
        null,
      );
    same([await choose(1), await choose(2, stale)], ["tokenInvalid", "changed"], "not so");
    same(
      await countOutcomes(subject, 4, (some) => choose(2, asTheyAre, some)),
      { applied: 1, tokenInvalid: 3 },
      "however many ask at once",
    );
    const found = await users.find("nora");
    same(found?.passwordHash, "chosen", "the password");
    holds((found?.epoch ?? 0) > epoch, "the epoch has risen");
    await replace(linkOf(3));
    await subject.deactivate("nora");
    same(await choose(3), "tokenInvalid", "of somebody who is not active");
    same(await subject.countEvents("user.choosePassword"), 1, "events");
  }),
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
      await countOutcomes(subject, 6, (some) =>
        addUser(some, newUser(subject, "olga"), [], eventOf(subject, "user.create")),
      ),
      { added: 1, nameTaken: 5 },
      "the outcomes",
    );
    same(await subject.countEvents("user.create"), 1, "events");
  }),
  promise("a hash is replaced by a better one where it is still what it was", async (subject) => {
    const { users } = subject.stores;
    const olga = newUser(subject, "olga", { passwordHash: "old" });
    await addUser(subject.stores, olga, [], eventOf(subject, "user.create"));
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
        userId: null,
        madeBy: null,
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
      await addUser(stores, newUser(subject, "olga"), admins, eventOf(subject, "user.create"));
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
      await roles.remove(admins, asTheyAre, eventOf(subject, "role.delete"));
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
  promise(
    "before anybody is there, the first admin's role is granted every section, so that the next sees as much",
    async (subject) => {
      const { users, roles } = subject.stores;
      const everyone = await users.list(
        { text: null, roleId: null, active: null },
        { by: "username", descending: false },
        null,
        100,
      );
      await subject.deactivate("mica");
      for (const { user } of everyone.items)
        await users.remove(
          { id: user.id, version: (await users.find(user.username))?.version ?? 0 },
          asTheyAre,
          eventOf(subject, "user.delete"),
        );
      const admins = (await roles.list()).find(({ name }) => name === adminRole.name);
      holds(admins !== undefined, "there is the role");
      await roles.remove(admins, asTheyAre, eventOf(subject, "role.delete"));
      const add = (name: string) =>
        users.addAdmin(
          newUser(subject, name, { passwordHash: "hash" }),
          null,
          eventOf(subject, "user.createAdmin"),
        );
      const why = async (name: string) =>
        (await users.readReasons(await userIdOf(subject, name))).grants.map(
          ({ section, role, expiresAt }) => [section, role?.name, expiresAt],
        );
      const byRole = [["_all_", adminRole.name, null]];
      same([await add("olga"), await why("olga")], ["added", byRole], "the first");
      same([await add("pia"), await why("pia")], ["added", byRole], "the next");
    },
  ),
  promiseOfDatabases("a user who cannot be written now is busy", async (subject, database) => {
    const { users } = subject.stores;
    const nora = await userIdOf(subject, "nora");
    const found = { id: nora, version: (await users.find("nora"))?.version ?? 0 };
    await areBusy(database, {
      add: () =>
        addUser(subject.stores, newUser(subject, "olga"), [], eventOf(subject, "user.create")),
      addAdmin: () =>
        users.addAdmin(newUser(subject, "pia"), null, eventOf(subject, "user.createAdmin")),
      apply: () =>
        users.apply(found, asTheyAre, { displayName: "N." }, eventOf(subject, "user.change")),
      remove: () => users.remove(found, asTheyAre, eventOf(subject, "user.delete")),
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
      [
        {
          user: newUser(subject, "olga"),
          roleIds: [],
          link: null,
          audit: eventOf(subject, "user.create"),
        },
      ],
      { users: [], roles: await subject.stores.roles.list() },
    );
    same(await subject.stores.users.find("olga"), null, "the user");
    same(await subject.countEvents("user.create"), 0, "events");
    same(
      await addUser(subject.stores, newUser(subject, "olga"), [], eventOf(subject, "user.create")),
      "added",
      "afterwards",
    );
  }),
];
