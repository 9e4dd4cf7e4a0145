import { everySection } from "../../contract/permissions.ts";
import type { GrantFilter, GrantPlace, GrantWrites, HeldGrant } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import {
  areBusy,
  countOutcomes,
  epochOf,
  eventOf,
  giveGrant,
  isRefused,
  promisesOn,
  userIdOf,
  type StoreSubject,
} from "./promise.ts";

type Domains = "users" | "roles" | "grants";
type Subject = StoreSubject<Domains>;
const { promise, promiseOfDatabases } = promisesOn<Domains>();

const hour = 3_600_000;
const nothing: GrantWrites = { remove: [], change: [], add: [], audit: [] };
const everybodys: GrantFilter = { holders: null, sections: null };

const roleNamed = async ({ stores }: Pick<Subject, "stores">, wanted: string) => {
  const role = (await stores.roles.list()).find(({ name }) => name === wanted);
  holds(role !== undefined, `there is the role ${wanted}`);
  return role;
};
const sectionsOf = async ({ stores }: Pick<Subject, "stores">, userId: string) =>
  (await stores.users.readRights(userId))?.sections;

/** What a decision writes that nora may see finance, made on what she is now. */
const toNora = async (subject: Subject, id: string) => {
  const holder = { userId: await userIdOf(subject, "nora") };
  const expected = {
    users: [{ id: holder.userId, epoch: await epochOf(subject, "nora") }],
    roles: [],
  };
  const add = [{ id, holder, section: "finance", expiresAt: null, createdAt: subject.now }];
  const writes = { ...nothing, add, audit: [eventOf(subject, "grant.add")] };
  return { holder, expected, writes };
};

export const ofGrants = [
  promise(
    "rights are those of the roles and of the grants, and a grant raises the epoch",
    async (subject) => {
      const { users, grants } = subject.stores;
      const { holder, expected, writes } = await toNora(subject, "grt_nora");
      const before = await epochOf(subject, "nora");
      same(await grants.apply(expected, writes), "applied", "the grant");
      same(await subject.countEvents("grant.add"), 1, "events");
      const after = await users.readRights(holder.userId);
      same([after?.sections, after?.sectionsEndAt], [["finance"], null], "the sections");
      holds((after?.user.epoch ?? 0) > before, "the epoch has risen");
      const asItIs = { ids: ["grt_nora"], userIds: [], roleIds: [], sections: [] };
      same(
        (await grants.find(asItIs)).grants,
        [
          {
            ...writes.add[0],
            title: "Finance",
            user: { username: "nora", displayName: after?.user.displayName },
            role: null,
          },
        ],
        "the grant by its id",
      );
      const found = await grants.find({
        ids: [],
        userIds: [holder.userId],
        roleIds: [],
        sections: ["finance", "nowhere", everySection],
      });
      same(
        found.grants.map(({ id }) => id),
        ["grt_nora"],
        "by holder and section",
      );
      same([...found.titles], [["finance", "Finance"]], "the titles of those that there are");

      same(await grants.apply(expected, { ...writes, remove: ["grt_nora"] }), "changed", "late");
      const now = {
        users: [{ id: holder.userId, epoch: after?.user.epoch ?? 0 }],
        roles: [],
      };
      const elsewhere = writes.add.map((one) => ({ ...one, id: "grt_two", section: "nowhere" }));
      same(
        await grants.apply(now, { ...writes, remove: ["grt_nora"], add: elsewhere }),
        "changed",
        "of a section that there is not",
      );
      same(await sectionsOf(subject, holder.userId), ["finance"], "nothing was done");
      const change = [{ id: "grt_nora", expiresAt: subject.now + hour }];
      same(await grants.apply(now, { ...nothing, change }), "applied", "another end");
      const ending = await users.readRights(holder.userId);
      same(
        [ending?.sections, ending?.sectionsEndAt],
        [["finance"], subject.now + hour - (subject.now % 1_000)],
        "what it means",
      );
      holds((ending?.user.epoch ?? 0) > (after?.user.epoch ?? 0), "the epoch has risen again");
      const later = { users: [{ id: holder.userId, epoch: ending?.user.epoch ?? 0 }], roles: [] };
      same(await grants.apply(later, { ...nothing, remove: ["grt_nora"] }), "applied", "taken");
      same(await sectionsOf(subject, holder.userId), [], "none is left");
    },
  ),
  promise("a role's grant is that of everybody in it, and of nobody else", async (subject) => {
    const { stores } = subject;
    const role = await roleNamed(subject, "marketing");
    const epochs = [await epochOf(subject, "mike"), await epochOf(subject, "nora")];
    await giveGrant(stores.grants, { roleId: role.id }, everySection, subject.now);
    const mike = await stores.users.readRights(await userIdOf(subject, "mike"));
    const nora = await stores.users.readRights(await userIdOf(subject, "nora"));
    same([mike?.sections, nora?.sections], [[everySection], []], "the sections");
    same(
      [(mike?.user.epoch ?? 0) > (epochs[0] ?? 0), nora?.user.epoch === epochs[1]],
      [true, true],
      "whose epoch has risen, and whose has not",
    );
    const [now] = await stores.roles.readRights([role.id, "rol_none"]);
    same([now?.name, now?.sections], ["marketing", [everySection]], "what the role gives");
    holds((now?.epoch ?? 0) > role.epoch, "its epoch has risen");
  }),
  promise("a grant counts until it ends, and then for nothing, in no list", async (subject) => {
    const { users, roles, grants } = subject.stores;
    const { now } = subject;
    const second = now - (now % 1_000) + 1_000;
    const userId = await userIdOf(subject, "mike");
    const role = await roleNamed(subject, "marketing");
    const holders = { userIds: [userId], roleIds: [role.id] };
    const before = await users.readRights(userId);
    const listed = async () =>
      (await grants.list({ holders, sections: null }, null, 100)).map(({ section }) => section);
    const listedBefore = await listed();
    await giveGrant(grants, { userId }, "finance", now, second + hour);
    await giveGrant(grants, { userId }, "people", now, second + 2 * hour);
    // An end is a whole second: this one is over.
    const ended = await giveGrant(grants, { userId }, "operations", now, now - (now % 1_000) + 1);
    await giveGrant(grants, { roleId: role.id }, everySection, now, now - 2_000);
    const after = await users.readRights(userId);
    same(
      [after?.sections, after?.sectionsEndAt],
      [[...(before?.sections ?? []), "finance", "people"].sort(), second + hour],
      "what counts, and when the first ends",
    );
    await giveGrant(grants, { roleId: role.id }, "finance", now, second + 2 * hour);
    const endsOf = (rights: { readonly grants: readonly HeldGrant[] } | null | undefined) =>
      rights?.grants.flatMap(({ section, expiresAt }) =>
        before?.sections.includes(section) ? [] : [[section, expiresAt]],
      );
    const ends = [
      ["finance", second + 2 * hour],
      ["people", second + 2 * hour],
    ];
    same(endsOf(await users.readRights(userId)), ends, "the latest end of each");
    same(endsOf(await users.read(userId)), ends, "the same of whom is looked at");
    const [given] = await roles.readRights([role.id]);
    same(endsOf(given), ends.slice(0, 1), "the ends of what the role gives");
    same(
      given?.grants.filter(({ section }) => before?.sections.includes(section)),
      (before?.sections ?? []).map((section) => ({ section, expiresAt: null })),
      "what it gives for good",
    );
    same(given?.sections, [...(before?.sections ?? []), "finance"].sort(), "what the role gives");
    same(
      (await listed()).toSorted(),
      [...listedBefore, "finance", "finance", "people"].sort(),
      "what is listed",
    );
    same(
      (await grants.find({ ids: [ended.id], userIds: [], roleIds: [], sections: [] })).grants
        .length,
      1,
      "its row is there still",
    );
    const { epoch = 0 } = after?.user ?? {};
    same(await grants.purge(now), 2, "those that go");
    same(await grants.purge(now), 0, "the second time");
    same(await subject.countEvents("grant.expire"), 2, "events");
    holds((await epochOf(subject, "mike")) > epoch, "their going raises the epoch");
    same(await sectionsOf(subject, userId), after?.sections, "and changes nothing else");
  }),
  promise(
    "grants are listed by holders and sections, the newest first, in pages",
    async (subject) => {
      const { grants } = subject.stores;
      const { now } = subject;
      const nora = { userId: await userIdOf(subject, "nora") };
      const mike = { userId: await userIdOf(subject, "mike") };
      const role = { roleId: (await roleNamed(subject, "marketing")).id };
      const first = await giveGrant(grants, nora, "finance", now + 1);
      const second = await giveGrant(grants, nora, everySection, now + 2);
      const third = await giveGrant(grants, mike, "finance", now + 2);
      const fourth = await giveGrant(grants, role, "finance", now + 3);
      const list = async (
        filter: Partial<GrantFilter>,
        after: GrantPlace | null = null,
        limit = 100,
      ) => (await grants.list({ ...everybodys, ...filter }, after, limit)).map(({ id }) => id);
      const newest = [fourth.id, ...[second.id, third.id].toSorted().toReversed(), first.id];
      same((await list({})).slice(0, 4), newest, "all of them");
      same(await list({}, null, 2), newest.slice(0, 2), "the first two");
      same(
        (await list({}, [now + 2, newest[1] ?? ""], 2)).slice(0, 2),
        newest.slice(2),
        "those behind them",
      );
      const holders = { userIds: [nora.userId], roleIds: [role.roleId] };
      same(
        await list({ holders, sections: ["finance", everySection] }),
        newest.filter((id) => id !== third.id),
        "of a user and a role",
      );
      same(await list({ holders, sections: ["finance"] }), [fourth.id, first.id], "of one section");
      same(
        await list({ holders: { userIds: [nora.userId], roleIds: [] } }),
        [second.id, first.id],
        "of a user",
      );
      same(await list({ holders: { userIds: [], roleIds: [] } }), [], "of nobody");
      same(await list({ sections: ["no\u0000where"] }), [], "of no section");
      const [wide] = await grants.list({ holders, sections: [everySection] }, null, 1);
      same([wide?.section, wide?.title], [everySection, null], "of every section");
    },
  ),
  promise("the same grant is given once, however many ask at once", async (subject) => {
    const { expected, writes } = await toNora(subject, "grt_nora");
    same(
      await countOutcomes(subject, 8, ({ grants }, index) =>
        grants.apply(expected, {
          ...writes,
          add: writes.add.map((one) => ({ ...one, id: `grt_nora${index}` })),
        }),
      ),
      { applied: 1, changed: 7 },
      "the outcomes",
    );
    same(await subject.countEvents("grant.add"), 1, "events");
    const role = await roleNamed(subject, "marketing");
    same(
      await countOutcomes(subject, 8, ({ grants }, index) =>
        grants.apply(
          { users: [], roles: [role] },
          {
            ...writes,
            add: writes.add.map((one) => ({
              ...one,
              id: `grt_role${index}`,
              holder: { roleId: role.id },
            })),
          },
        ),
      ),
      { applied: 1, changed: 7 },
      "a role's",
    );
  }),
  promiseOfDatabases("a grant that cannot be written now is busy", async (subject, database) => {
    const { grants } = subject.stores;
    const { holder, expected, writes } = await toNora(subject, "grt_nora");
    const give = () => grants.apply(expected, writes);
    await areBusy(database, { give });
    same(await sectionsOf(subject, holder.userId), [], "nothing was done");
    same(await give(), "applied", "afterwards");
  }),
  promiseOfDatabases(
    "a grant that is cut off before it is committed is not there, nor is its event",
    async (subject, database) => {
      const { holder, expected, writes } = await toNora(subject, "grt_nora");
      const before = await epochOf(subject, "nora");
      await database.cutOff("grants", "apply", expected, writes);
      same(await sectionsOf(subject, holder.userId), [], "the sections");
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
        "UPDATE grants SET expires_at = 4102444800000 WHERE id = 'grt_hand'",
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
