import { everySection } from "../../contract/permissions.ts";
import { holds, same } from "../differences.ts";
import {
  areBusy,
  countOutcomes,
  epochOf,
  eventOf,
  isRefused,
  promisesOn,
  userIdOf,
} from "./promise.ts";

const { promise, promiseOfDatabases } = promisesOn<"users" | "roles" | "grants">();

export const ofGrants = [
  promise(
    "rights are those of the roles and of the grants, and a grant raises the epoch",
    async (subject) => {
      const { stores } = subject;
      const userId = await userIdOf(subject, "nora");
      const before = await stores.users.readRights(userId);
      const finance = { add: true, holder: { userId }, section: "finance" };
      const added = eventOf(subject, "grant.add");
      same(await stores.grants.change(finance, added), "changed", "the grant");
      same(await stores.grants.change(finance, added), "unchanged", "the same once more");
      same(await subject.countEvents("grant.add"), 1, "events");
      const after = await stores.users.readRights(userId);
      same(after?.sections, ["finance"], "the sections");
      holds((after?.user.epoch ?? 0) > (before?.user.epoch ?? 0), "the epoch has risen");
      const removed = eventOf(subject, "grant.remove");
      same(await stores.grants.change({ ...finance, add: false }, removed), "changed", "taken");
      same((await stores.users.readRights(userId))?.sections, [], "none is left");
      same(
        [
          await stores.grants.change({ ...finance, holder: { userId: "usr_nobody" } }, added),
          await stores.grants.change({ ...finance, holder: { roleId: "rol_none" } }, added),
          await stores.grants.change({ ...finance, section: "nowhere" }, added),
        ],
        ["noHolder", "noHolder", "noSection"],
        "of whom and what there is not",
      );
    },
  ),
  promise("a role's grant is that of everybody in it, and of nobody else", async (subject) => {
    const { stores } = subject;
    const role = (await stores.roles.list()).find(({ name }) => name === "marketing");
    holds(role !== undefined, "there is the role");
    const epochs = [await epochOf(subject, "mike"), await epochOf(subject, "nora")];
    const grant = { add: true, holder: { roleId: role.id }, section: everySection };
    same(await stores.grants.change(grant, eventOf(subject, "grant.add")), "changed", "the grant");
    const mike = await stores.users.readRights(await userIdOf(subject, "mike"));
    const nora = await stores.users.readRights(await userIdOf(subject, "nora"));
    same([mike?.sections, nora?.sections], [[everySection], []], "the sections");
    same(
      [(mike?.user.epoch ?? 0) > (epochs[0] ?? 0), nora?.user.epoch === epochs[1]],
      [true, true],
      "whose epoch has risen, and whose has not",
    );
  }),
  promise("the same grant is given once, however many ask at once", async (subject) => {
    const userId = await userIdOf(subject, "nora");
    same(
      await countOutcomes(subject, 8, ({ grants }) =>
        grants.change(
          { add: true, holder: { userId }, section: "finance" },
          eventOf(subject, "grant.add"),
        ),
      ),
      { changed: 1, unchanged: 7 },
      "the outcomes",
    );
    same(await subject.countEvents("grant.add"), 1, "events");
  }),
  promiseOfDatabases("a grant that cannot be written now is busy", async (subject, database) => {
    const { grants, users } = subject.stores;
    const userId = await userIdOf(subject, "nora");
    const give = () =>
      grants.change(
        { add: true, holder: { userId }, section: "finance" },
        eventOf(subject, "grant.add"),
      );
    await areBusy(database, { give });
    same((await users.readRights(userId))?.sections, [], "nothing was done");
    same(await give(), "changed", "afterwards");
  }),
  promiseOfDatabases(
    "a grant that is cut off before it is committed is not there, nor is its event",
    async (subject, database) => {
      const userId = await userIdOf(subject, "nora");
      const before = await epochOf(subject, "nora");
      await database.cutOff(
        "grants",
        "change",
        { add: true, holder: { userId }, section: "finance" },
        eventOf(subject, "grant.add"),
      );
      same((await subject.stores.users.readRights(userId))?.sections, [], "the sections");
      same(await epochOf(subject, "nora"), before, "the epoch");
      same(await subject.countEvents("grant.add"), 0, "events");
    },
  ),
  promiseOfDatabases(
    "whatever changes somebody's rights by hand raises their epoch, and no other's",
    async (subject, database) => {
      const nora = "(SELECT id FROM users WHERE username_key = 'nora')";
      const section = (slug: string) => `(SELECT id FROM sections WHERE slug = '${slug}')`;
      const role = (name: string) => `(SELECT id FROM roles WHERE name = '${name}')`;
      const others = ["mica", "frida"];
      const epochsOfOthers = async () =>
        Promise.all(others.map((username) => epochOf(subject, username)));
      const before = await epochsOfOthers();
      for (const statement of [
        `INSERT INTO grants (id, user_id, section_id, created_at) VALUES ('grt_hand', ${nora}, ${section("people")}, 0)`,
        `UPDATE grants SET section_id = ${section("marketing")} WHERE id = 'grt_hand'`,
        "UPDATE sections SET slug = 'sales' WHERE slug = 'marketing'",
        "DELETE FROM grants WHERE id = 'grt_hand'",
        "INSERT INTO roles (id, name) VALUES ('rol_one', 'one'), ('rol_two', 'two')",
        `INSERT INTO user_roles (user_id, role_id) VALUES (${nora}, ${role("one")})`,
        `UPDATE user_roles SET role_id = ${role("two")} WHERE user_id = ${nora}`,
        `INSERT INTO grants (id, role_id, section_id, created_at) VALUES ('grt_role', ${role("two")}, ${section("people")}, 0)`,
        `UPDATE grants SET section_id = ${section("sales")} WHERE id = 'grt_role'`,
        "DELETE FROM grants WHERE id = 'grt_role'",
        `INSERT INTO role_permissions (role_id, permission) VALUES (${role("two")}, 'one:thing')`,
        "UPDATE role_permissions SET permission = 'another:thing' WHERE permission = 'one:thing'",
        "DELETE FROM role_permissions WHERE permission = 'another:thing'",
        "DELETE FROM roles WHERE name = 'two'",
        `INSERT INTO user_roles (user_id, role_id) VALUES (${nora}, ${role("one")})`,
        `DELETE FROM user_roles WHERE user_id = ${nora}`,
        "UPDATE users SET password_hash = 'another' WHERE username_key = 'nora'",
        "UPDATE users SET active = false WHERE username_key = 'nora'",
        "UPDATE users SET active = true WHERE username_key = 'nora'",
      ]) {
        const epoch = await epochOf(subject, "nora");
        await database.query(statement);
        if (!statement.startsWith("INSERT INTO roles"))
          holds((await epochOf(subject, "nora")) > epoch, `the epoch rises with: ${statement}`);
      }
      same(await epochsOfOthers(), before, "the others' epochs");
      const epoch = await epochOf(subject, "nora");
      await database.query(
        "UPDATE users SET display_name = 'Somebody else' WHERE username_key = 'nora'",
      );
      same(await epochOf(subject, "nora"), epoch, "what is no right");
      await isRefused(database, "UPDATE users SET epoch = epoch - 1 WHERE username_key = 'nora'");
    },
  ),
];
