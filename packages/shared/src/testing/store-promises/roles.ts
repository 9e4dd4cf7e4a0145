import { permissions } from "../../contract/permissions.ts";
import type { FoundRole } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import {
  addUser,
  areBusy,
  asTheyAre,
  changeRoles,
  countOutcomes,
  epochOf,
  eventOf,
  promisesOn,
  userIdOf,
  type StoreSubject,
} from "./promise.ts";
import { newUser } from "./users.ts";

type Domains = "users" | "roles";
type Subject = StoreSubject<Domains>;
const { promise, promiseOfDatabases } = promisesOn<Domains>();

const [first, second] = permissions;

const roleNamed = async (
  { stores }: Pick<Subject, "stores">,
  wanted: string,
): Promise<FoundRole> => {
  const role = (await stores.roles.list()).find(({ name }) => name === wanted);
  holds(role !== undefined, `there is the role ${wanted}`);
  return role;
};

/** A role of these permissions, with nora in it. */
const withNora = async (
  subject: Subject,
  about: Partial<FoundRole> = {},
): Promise<{ readonly role: FoundRole; readonly nora: string }> => {
  const { roles } = subject.stores;
  const id = subject.newId("rol");
  const created = eventOf(subject, "role.create");
  const role = { id, name: "editors", description: "", permissions: [first], ...about };
  same(await roles.add(role, asTheyAre, created), "added", "the role");
  const nora = await userIdOf(subject, "nora");
  const found = await roleNamed(subject, role.name);
  same(
    await changeRoles(subject.stores, nora, { add: [found] }, eventOf(subject, "user.change")),
    "applied",
    "nora is put into it",
  );
  return { role: found, nora };
};

export const ofRoles = [
  promise(
    "what those in a role have besides is read: their other roles, their own grants",
    async (subject) => {
      const { roles } = subject.stores;
      const marketing = await roleNamed(subject, "marketing");
      const { role, nora } = await withNora(subject);
      same(await roles.readMembers(role.id), { roleIds: [role.id], grants: [] }, "of nora alone");
      same(
        await changeRoles(
          subject.stores,
          nora,
          { add: [marketing] },
          eventOf(subject, "user.change"),
        ),
        "applied",
        "nora is in another",
      );
      const members = await roles.readMembers(role.id);
      same(members.roleIds.toSorted(), [role.id, marketing.id].toSorted(), "her roles");
      same(await roles.readMembers("rol_none"), { roleIds: [], grants: [] }, "of nobody");
    },
  ),
  promise("roles are read as they were added, by name, and no two have one", async (subject) => {
    const { roles } = subject.stores;
    const created = eventOf(subject, "role.create");
    const role = {
      id: subject.newId("rol"),
      name: "Zeta",
      description: "Come last, but for who is written small",
      permissions: [first, second].toSorted(),
    };
    same(await roles.add(role, asTheyAre, created), "added", "the outcome");
    const found = await roles.read(role.id);
    holds(found !== null, "it is there");
    const { version, epoch, ...written } = found;
    same(written, { ...role, builtIn: false }, "the role");
    holds(epoch > 0, "it has an epoch");
    same(
      (await roles.list()).map(({ name }) => name),
      ["Zeta", "admin", "marketing"],
      "the list",
    );
    same((await roles.list()).find(({ id }) => id === role.id)?.version, version, "its version");
    same(await roles.read("rol_none"), null, "one that there is not");
    same(
      await roles.add({ ...role, id: subject.newId("rol") }, asTheyAre, created),
      "nameTaken",
      "the same name",
    );
    same(await subject.countEvents("role.create"), 1, "events");
  }),
  promise("a role tells what it gives, and how many are in it", async (subject) => {
    const { roles } = subject.stores;
    const { role } = await withNora(subject);
    const marketing = await roleNamed(subject, "marketing");
    const found = await roles.readRights([marketing.id, role.id, "rol_none"]);
    same(
      found
        .map(({ name, permissions: given, sections, epoch }) => [
          name,
          given,
          sections,
          epoch === (name === "editors" ? role : marketing).epoch,
        ])
        .sort(([one = ""], [other = ""]) => (String(one) < String(other) ? -1 : 1)),
      [
        ["editors", [first], [], true],
        ["marketing", [], ["marketing"], true],
      ],
      "what they give",
    );
    same(await roles.readRights([]), [], "of none");
    const counts = await roles.countUsers([marketing.id, role.id, "rol_none"]);
    same(
      [counts.get(marketing.id), counts.get(role.id), counts.get("rol_none") ?? 0],
      [2, 1, 0],
      "how many are in them",
    );
  }),
  promise("a role is changed as it was read, and what is left out stays", async (subject) => {
    const { roles } = subject.stores;
    const changed = eventOf(subject, "role.change");
    const { role } = await withNora(subject);
    const epoch = await epochOf(subject, "nora");
    const others = await epochOf(subject, "mike");
    same(
      await roles.apply(role, asTheyAre, { permissions: [second] }, changed),
      "applied",
      "permissions",
    );
    holds((await epochOf(subject, "nora")) > epoch, "the epoch of who is in it has risen");
    same(await epochOf(subject, "mike"), others, "another's epoch");
    same(
      await roles.apply(role, asTheyAre, { name: "writers" }, changed),
      "changed",
      "on what it was",
    );
    const now = await roleNamed(subject, "editors");
    same([now.permissions, now.description], [[second], role.description], "what it is now");
    same(
      await roles.apply(now, asTheyAre, { name: "marketing" }, changed),
      "nameTaken",
      "another's name",
    );
    same(
      await roles.apply(now, asTheyAre, { name: "writers", description: "Write" }, changed),
      "applied",
      "its name",
    );
    const { version, epoch: gift, ...renamed } = await roleNamed(subject, "writers");
    holds(version !== now.version, "another version");
    same(gift, now.epoch, "what it gives has not changed by that");
    same(
      renamed,
      {
        id: role.id,
        name: "writers",
        description: "Write",
        permissions: [second],
        builtIn: false,
      },
      "what it is then",
    );
    same(
      (await subject.stores.users.readRights(await userIdOf(subject, "nora")))?.roles,
      ["writers"],
      "who was in it still is",
    );
    same(await subject.countEvents("role.change"), 2, "events");
  }),
  promise("of changes on one version of a role, at once, one is carried out", async (subject) => {
    const { role } = await withNora(subject);
    same(
      await countOutcomes(subject, 8, ({ roles }, index) =>
        index < 4
          ? roles.apply(
              role,
              asTheyAre,
              { description: `The ${index}th` },
              eventOf(subject, "role.change"),
            )
          : roles.remove(role, asTheyAre, eventOf(subject, "role.delete")),
      ),
      { applied: 1, changed: 7 },
      "the outcomes",
    );
    same(
      (await subject.countEvents("role.change")) + (await subject.countEvents("role.delete")),
      1,
      "events",
    );
  }),
  promise("who is in a role has what it gives, until they are taken out", async (subject) => {
    const { roles, users } = subject.stores;
    const changed = eventOf(subject, "user.change");
    const { role, nora } = await withNora(subject);
    const marketing = await roleNamed(subject, "marketing");
    const rights = async () => {
      const found = await users.readRights(nora);
      return [found?.roles, found?.permissions, found?.sections];
    };
    same(await rights(), [["editors"], [first], []], "in one");
    const epoch = await epochOf(subject, "nora");
    const { version } = (await users.find("nora")) ?? { version: 0 };
    const asFound = { users: [{ id: nora, epoch }], roles: [marketing] };
    const both = { roles: { add: [marketing.id, role.id], remove: [role.id] } };
    same(
      [
        await users.apply(
          { id: nora, version },
          { ...asFound, users: [{ id: nora, epoch: epoch - 1 }] },
          both,
          changed,
        ),
        await users.apply({ id: nora, version: version - 1 }, asFound, both, changed),
        await users.apply(
          { id: nora, version },
          { ...asFound, roles: [{ id: marketing.id, epoch: marketing.epoch - 1 }] },
          both,
          changed,
        ),
        await users.apply({ id: "usr_nobody", version: 1 }, asFound, both, changed),
      ],
      ["changed", "changed", "changed", "changed"],
      "on what was, of somebody, their rights, a role, and nobody",
    );
    same(
      await users.apply(
        { id: nora, version },
        asFound,
        { roles: { add: [marketing.id], remove: [role.id] } },
        changed,
      ),
      "applied",
      "from one into another",
    );
    same(await rights(), [["marketing"], [], ["marketing"]], "in the other");
    holds((await epochOf(subject, "nora")) > epoch, "the epoch has risen");
    same(
      await roles.remove(marketing, asTheyAre, eventOf(subject, "role.delete")),
      "applied",
      "the role is removed",
    );
    same(await rights(), [[], [], []], "in none");
    same(await roles.read(marketing.id), null, "the role");
    same(await subject.countEvents("user.change"), 2, "events");
  }),
  promise("of changes to one user's roles at once, one is carried out", async (subject) => {
    const nora = await userIdOf(subject, "nora");
    const found = await subject.stores.users.find("nora");
    const marketing = await roleNamed(subject, "marketing");
    same(
      await countOutcomes(subject, 6, ({ users }) =>
        users.apply(
          { id: nora, version: found?.version ?? 0 },
          { users: [{ id: nora, epoch: found?.epoch ?? 0 }], roles: [marketing] },
          { roles: { add: [marketing.id], remove: [] } },
          eventOf(subject, "user.change"),
        ),
      ),
      { applied: 1, changed: 5 },
      "the outcomes",
    );
  }),
  promise("the last admin stays one, also where two leave at once", async (subject) => {
    const { users } = subject.stores;
    const changed = eventOf(subject, "user.change");
    const admins = await roleNamed(subject, "admin");
    const olga = newUser(subject, "olga", { passwordHash: "hash" });
    await addUser(subject.stores, olga, [admins], eventOf(subject, "user.create"));
    const mica = await userIdOf(subject, "mica");
    const found = [await users.read(mica), await users.read(olga.id)];
    same(
      await countOutcomes(subject, 2, (stores, index) => {
        const { id = "", epoch = 0, version = 0 } = found[index]?.user ?? {};
        return stores.users.apply(
          { id, version },
          { users: [{ id, epoch }], roles: [] },
          { roles: { add: [], remove: [admins.id] } },
          changed,
        );
      }),
      { applied: 1, lastAdmin: 1 },
      "two who leave",
    );
    same(await subject.countEvents("user.change"), 1, "events");
    const now = await roleNamed(subject, "admin");
    same(
      await subject.stores.roles.remove(now, asTheyAre, eventOf(subject, "role.delete")),
      "lastAdmin",
      "their role",
    );
    holds(await users.hasAdmin(), "there is an admin");
    const both = [await users.readRights(mica), await users.readRights(olga.id)];
    same(both.filter((rights) => rights?.roles.includes("admin")).length, 1, "how many there are");
  }),
  promise("whoever has not chosen a password keeps nobody an admin", async (subject) => {
    const admins = await roleNamed(subject, "admin");
    await addUser(
      subject.stores,
      newUser(subject, "olga"),
      [admins],
      eventOf(subject, "user.create"),
    );
    const mica = await userIdOf(subject, "mica");
    same(
      await changeRoles(
        subject.stores,
        mica,
        { remove: [admins.id] },
        eventOf(subject, "user.change"),
      ),
      "lastAdmin",
      "the one who has",
    );
  }),
  promise(
    "the built-in role gives every permission, whatever is written in it",
    async (subject) => {
      const { roles, users } = subject.stores;
      const admins = await roleNamed(subject, "admin");
      same(
        [admins.builtIn, admins.permissions],
        [true, permissions.toSorted()],
        "it has every permission",
      );
      const changed = eventOf(subject, "role.change");
      same(await roles.apply(admins, asTheyAre, { permissions: [] }, changed), "applied", "");
      const mica = await users.readRights(await userIdOf(subject, "mica"));
      same(mica?.permissions.toSorted(), permissions.toSorted(), "what who is in it may do");
      same(
        (await roles.list()).filter(({ builtIn }) => builtIn).map(({ name }) => name),
        ["admin"],
        "which are",
      );
    },
  ),
  promiseOfDatabases(
    "whatever changes what a role gives, by hand, is told by its epoch",
    async (subject, database) => {
      const { role } = await withNora(subject);
      const { name } = role;
      const readEpoch = async (): Promise<number> =>
        (await subject.stores.roles.read(role.id))?.epoch ?? 0;
      let epoch = await readEpoch();
      const [section] = await database.query("SELECT id FROM sections WHERE slug = 'marketing'");
      const other = (await roleNamed(subject, "marketing")).id;
      for (const statement of [
        `INSERT INTO role_permissions (role_id, permission) VALUES ('${role.id}', 'one:thing')`,
        "UPDATE role_permissions SET permission = 'another:thing' WHERE permission = 'one:thing'",
        "DELETE FROM role_permissions WHERE permission = 'another:thing'",
        `INSERT INTO grants (id, role_id, section_id, created_at) VALUES ('grt_1', '${role.id}', '${String(section?.["id"])}', 0)`,
        "UPDATE sections SET slug = 'growth' WHERE slug = 'marketing'",
        "UPDATE grants SET section_id = NULL WHERE id = 'grt_1'",
        `DELETE FROM grants WHERE id = 'grt_1'`,
        `UPDATE grants SET role_id = '${role.id}' WHERE role_id = '${other}'`,
        "DELETE FROM sections WHERE slug = 'growth'",
      ]) {
        await database.query(statement);
        const now = await readEpoch();
        holds(now > epoch, `the epoch rises with: ${statement}`);
        epoch = now;
      }
      for (const statement of [
        `UPDATE roles SET description = 'By hand' WHERE name = '${name}'`,
        `DELETE FROM user_roles WHERE role_id = '${role.id}'`,
      ]) {
        await database.query(statement);
        same(await readEpoch(), epoch, `the epoch stays with: ${statement}`);
      }
    },
  ),
  promiseOfDatabases(
    "whatever changes a role by hand is told by its version",
    async (subject, database) => {
      const { role } = await withNora(subject);
      let { version } = role;
      for (const statement of [
        "UPDATE roles SET description = 'By hand' WHERE name = 'editors'",
        "UPDATE roles SET name = 'by hand' WHERE name = 'editors'",
        `INSERT INTO role_permissions (role_id, permission) VALUES ('${role.id}', 'one:thing')`,
        "UPDATE role_permissions SET permission = 'another:thing' WHERE permission = 'one:thing'",
        "DELETE FROM role_permissions WHERE permission = 'another:thing'",
      ]) {
        await database.query(statement);
        const now = await subject.stores.roles.read(role.id);
        holds(now !== null && now.version > version, `the version rises with: ${statement}`);
        ({ version } = now);
      }
      await database.query(`DELETE FROM user_roles WHERE role_id = '${role.id}'`);
      same((await subject.stores.roles.read(role.id))?.version, version, "who is in it");
    },
  ),
  promiseOfDatabases("a role that cannot be written now is busy", async (subject, database) => {
    const { roles } = subject.stores;
    const { role, nora } = await withNora(subject);
    const before = await roles.list();
    await areBusy(database, {
      add: () =>
        roles.add(
          { ...role, id: subject.newId("rol"), name: "others" },
          asTheyAre,
          eventOf(subject, "role.create"),
        ),
      apply: () =>
        roles.apply(role, asTheyAre, { name: "writers" }, eventOf(subject, "role.change")),
      remove: () => roles.remove(role, asTheyAre, eventOf(subject, "role.delete")),
    });
    same(await roles.list(), before, "the roles");
    same((await subject.stores.users.readRights(nora))?.roles, ["editors"], "who is in them");
  }),
  promiseOfDatabases(
    "a change of a role that is cut off leaves it as it was",
    async (subject, database) => {
      const { roles } = subject.stores;
      const { role } = await withNora(subject);
      const epoch = await epochOf(subject, "nora");
      await database.cutOff(
        "roles",
        "apply",
        role,
        asTheyAre,
        { name: "writers", permissions: [second] },
        eventOf(subject, "role.change"),
      );
      same(await roles.read(role.id), role, "the role");
      same(await epochOf(subject, "nora"), epoch, "the epoch of who is in it");
      same(
        await roles.apply(role, asTheyAre, { name: "writers" }, eventOf(subject, "role.change")),
        "applied",
        "afterwards",
      );
    },
  ),
];
