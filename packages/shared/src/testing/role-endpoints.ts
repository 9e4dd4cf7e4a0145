import type { Session } from "../contract/contract.ts";
import type { Role, roleEndpoints } from "../contract/roles.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { renew, signIn } from "./steps.ts";
import type { Subject } from "./subject.ts";
import { changeUser, findUser } from "./user-steps.ts";

/** Of none: ids are random, so that a behaviour looks up which one it is about. */
const none = { roleId: `rol_${"A".repeat(22)}` };
const editors = {
  name: "Editors",
  description: "Arrange",
  permissions: ["sections:read"],
} as const;

const addRole = async (subject: Subject, as: Session, more: object = {}): Promise<Role> =>
  (await expectOutcome(subject, 201, "POST /roles", { body: { ...editors, ...more } }, as))
    .body as Role;
const listRoles = async (
  subject: Subject,
  as: Session,
  query: Input["query"] = {},
): Promise<{
  readonly items: readonly Role[];
  readonly nextCursor: string | null;
  readonly total: number;
}> =>
  (await expectOutcome(subject, 200, "GET /roles", { query }, as)).body as {
    items: Role[];
    nextCursor: string | null;
    total: number;
  };
const roleNamed = async (subject: Subject, as: Session, wanted: string): Promise<Role> => {
  const found = (await listRoles(subject, as)).items.find(({ name }) => name === wanted);
  holds(found !== undefined, `there is the role ${wanted}`);
  return found;
};
const readRole = async (subject: Subject, as: Session, roleId: string) => {
  const { body, headers } = await expectOutcome(
    subject,
    200,
    "GET /roles/:roleId",
    { params: { roleId } },
    as,
  );
  return {
    role: body as Role & { readonly firstUsers: readonly { readonly username: string }[] },
    tag: headers.get("etag") ?? "",
  };
};
/** Pia's name is nora's: somebody who may change roles, and people, and nothing else. */
const signInToChangeRoles = async (subject: Subject, mica: Session): Promise<Session> => {
  const { id } = await addRole(subject, mica, {
    name: "keepers",
    permissions: ["roles:read", "roles:write"],
  });
  await changeUser(subject, mica, "nora", { roleIds: [id] });
  return signIn(subject, "nora");
};

const bodyFor = (key: string, body: object): Pick<Input, "body"> =>
  key.startsWith("PATCH") ? { body } : {};
const conditions = (key: "PATCH /roles/:roleId" | "DELETE /roles/:roleId") =>
  ({
    precondition_required: {
      name: "asks on which version the change was made",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const { id: roleId } = await addRole(subject, mica);
        const input = { params: { roleId }, ...bodyFor(key, {}) };
        await expectOutcome(subject, "precondition_required", key, input, mica);
      },
    },
    precondition_failed: {
      name: "changes none that is no longer as it was read",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const { id: roleId } = await addRole(subject, mica);
        const { tag } = await readRole(subject, mica, roleId);
        const input = (body: object, on = tag) => ({
          params: { roleId },
          headers: { "if-match": on },
          body,
        });
        const changed = { permissions: ["sections:read", "audit:read"] };
        await expectOutcome(subject, 200, "PATCH /roles/:roleId", input(changed), mica);
        const { body: _, ...without } = input({});
        await expectOutcome(
          subject,
          "precondition_failed",
          key,
          { ...without, ...bodyFor(key, { name: "Others" }) },
          mica,
        );
        includes((await readRole(subject, mica, roleId)).role, { name: editors.name }, "the role");
      },
    },
    not_found: {
      name: "says so of one that is not there",
      run: async (subject: Subject) => {
        await expectOutcome(
          subject,
          "not_found",
          key,
          { params: none, headers: { "if-match": "*" }, ...bodyFor(key, {}) },
          await signInToAdminister(subject),
        );
      },
    },
    rights_exceeded: {
      name: "refuses whoever has not all that the role gives, its sections included",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const strong = await addRole(subject, mica, { permissions: ["audit:read"] });
        const weak = await addRole(subject, mica, { name: "weak", permissions: ["roles:read"] });
        const marketing = await roleNamed(subject, mica, "marketing");
        const nora = await signInToChangeRoles(subject, mica);
        const on = (roleId: string) => ({
          params: { roleId },
          headers: { "if-match": "*" },
          ...bodyFor(key, { description: "Mine" }),
        });
        await expectOutcome(subject, "rights_exceeded", key, on(strong.id), nora);
        await expectOutcome(subject, "rights_exceeded", key, on(marketing.id), nora);
        if (key.startsWith("PATCH"))
          await expectOutcome(
            subject,
            "rights_exceeded",
            key,
            { ...on(weak.id), body: { permissions: ["roles:read", "audit:read"] } },
            nora,
          );
        // From somebody who may do more, nothing is taken by the way.
        await changeUser(subject, mica, "frida", { roleIds: [weak.id] });
        const taking = { ...on(weak.id), ...bodyFor(key, { permissions: [] }) };
        await expectOutcome(subject, "rights_exceeded", key, taking, nora);
        if (key.startsWith("PATCH")) await expectOutcome(subject, 200, key, on(weak.id), nora);
        await changeUser(subject, mica, "frida", { roleIds: [] });
        await expectOutcome(subject, key.startsWith("PATCH") ? 200 : 204, key, taking, nora);
      },
    },
    busy: showBusy(key, async (subject) => {
      const as = await signInToAdminister(subject);
      const { id: roleId } = await addRole(subject, as);
      return {
        as,
        input: {
          params: { roleId },
          headers: { "if-match": "*" },
          ...bodyFor(key, { name: "Others" }),
        },
      };
    }),
  }) as const;

/** The built-in role stays as it is, also for those who are in it. */
const refusesBuiltIn = async (
  subject: Subject,
  key: "PATCH /roles/:roleId" | "DELETE /roles/:roleId",
): Promise<void> => {
  const mica = await signInToAdminister(subject);
  const admin = await roleNamed(subject, mica, "admin");
  const { problem } = await expectOutcome(
    subject,
    "forbidden",
    key,
    {
      params: { roleId: admin.id },
      headers: { "if-match": "*" },
      ...bodyFor(key, { permissions: [] }),
    },
    mica,
  );
  holds(/built-in/.test(problem?.detail ?? ""), "it says why");
  same(await roleNamed(subject, mica, "admin"), admin, "the built-in role");
};

export const roleBehaviours: Pick<BehaviourTable, keyof typeof roleEndpoints> = {
  "GET /roles": {
    request: {},
    wrong: { query: { sort: "permissions" }, pointer: "/query/sort" },
    succeeds: {
      200: {
        name: "lists roles by name, in pages, with what they give and how many are in them",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id, ...made } = await addRole(subject, mica);
          same(
            made,
            { ...editors, builtIn: false, sections: [], isComplete: true, users: 0 },
            "what was made",
          );
          await changeUser(subject, mica, "nora", { roleIds: [id] });
          const { items, total } = await listRoles(subject, mica);
          same(
            items.map(({ name, builtIn, sections, users, permissions }) => ({
              name,
              builtIn,
              sections,
              users,
              permissions: permissions.length,
            })),
            [
              {
                name: "admin",
                builtIn: true,
                sections: ["_all_"],
                users: 1,
                permissions: mica.permissions.length,
              },
              { name: "Editors", builtIn: false, sections: [], users: 1, permissions: 1 },
              {
                name: "marketing",
                builtIn: false,
                sections: ["marketing"],
                users: 2,
                permissions: 0,
              },
            ],
            "the roles",
          );
          same(total, 3, "how many");
          const names = async (query: Input["query"]) =>
            (await listRoles(subject, mica, query)).items.map(({ name }) => name);
          same(
            [await names({ q: "EDIT" }), await names({ q: "arrange" }), await names({ q: "none" })],
            [["Editors"], ["Editors"], []],
            "those that are found",
          );
          const first = await listRoles(subject, mica, { sort: "-name", limit: 2 });
          const second = { sort: "-name", limit: 2, cursor: first.nextCursor ?? "" };
          same(
            [first.items.map(({ name }) => name), await names(second)],
            [["marketing", "Editors"], ["admin"]],
            "in pages",
          );
          const told = ({ name, sections, isComplete }: Role) => [name, sections, isComplete];
          await subject.arrange({
            kind: "permissionGiven",
            person: "frida",
            permission: "roles:read",
          });
          const frida = await signIn(subject, "frida");
          const toFrida = (await listRoles(subject, frida, { q: "marketing" })).items;
          same(
            toFrida.map(told),
            [["marketing", [], false]],
            "what is told to somebody who may not open what a role is granted",
          );
          const { body } = await expectOutcome(
            subject,
            200,
            "GET /roles/:roleId",
            { params: { roleId: toFrida[0]?.id ?? "" } },
            frida,
          );
          same(told(body as Role), ["marketing", [], false], "of one role neither");
        },
      },
    },
    fails: {},
  },

  "POST /roles": {
    request: { body: { ...editors, permissions: [...editors.permissions] } },
    another: { body: { ...editors, permissions: [] } },
    wrong: { body: { ...editors, permissions: ["everything"] }, pointer: "/permissions/0" },
    succeeds: {
      201: {
        name: "makes a role, and says where it is",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { body, headers } = await expectOutcome(
            subject,
            201,
            "POST /roles",
            { body: editors },
            mica,
          );
          const { id } = body as Role;
          same(headers.get("location"), `/roles/${id}`, "Location");
          const { role, tag } = await readRole(subject, mica, id);
          same(headers.get("etag"), tag, "ETag");
          same(role, { ...(body as Role), firstUsers: [] }, "the role");
        },
      },
    },
    fails: {
      role_name_taken: {
        name: "refuses a name that another role has",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { problem } = await expectOutcome(
            subject,
            "role_name_taken",
            "POST /roles",
            { body: { ...editors, name: "marketing" } },
            mica,
          );
          same(problem?.errors?.[0]?.pointer, "/name", "the pointer");
        },
      },
      rights_exceeded: {
        name: "makes none that gives more than the caller has",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await signInToChangeRoles(subject, mica);
          const make = (permissions: readonly string[]) => ({ body: { ...editors, permissions } });
          await expectOutcome(
            subject,
            "rights_exceeded",
            "POST /roles",
            make(["roles:read", "users:write"]),
            nora,
          );
          await expectOutcome(subject, 201, "POST /roles", make(["roles:read"]), nora);
        },
      },
    },
  },

  "GET /roles/:roleId": {
    request: { params: none },
    wrong: { params: { roleId: "marketing" }, pointer: "/params/roleId" },
    succeeds: {
      200: {
        name: "names the first of those who are in it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const marketing = await roleNamed(subject, mica, "marketing");
          const { role } = await readRole(subject, mica, marketing.id);
          const { firstUsers, ...rest } = role;
          same(rest, marketing, "what the list says as well");
          same(
            firstUsers.map(({ username }) => username),
            ["dan", "mike"],
            "who is in it",
          );
        },
      },
    },
    fails: {
      not_found: {
        name: "says so of one that is not there",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "GET /roles/:roleId",
            { params: none },
            await signInToAdminister(subject),
          );
        },
      },
    },
  },

  "PATCH /roles/:roleId": {
    request: { params: none, headers: { "if-match": "*" }, body: {} },
    gives: { permissions: ["sections:read"] },
    wrong: { params: none, body: { name: "" }, pointer: "/name" },
    succeeds: {
      200: {
        name: "changes what is sent and leaves the rest, in force at once for everybody who is in it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id: roleId, ...made } = await addRole(subject, mica);
          await changeUser(subject, mica, "nora", { roleIds: [roleId] });
          const nora = await signIn(subject, "nora");
          same(nora.permissions, ["sections:read"], "nora's permissions");
          const { tag } = await readRole(subject, mica, roleId);
          const change = (body: object, on = tag) =>
            expectOutcome(
              subject,
              200,
              "PATCH /roles/:roleId",
              { params: { roleId }, headers: { "if-match": on }, body },
              mica,
            );
          const permissions = ["sections:read", "audit:read"];
          const { body, headers } = await change({ name: "Readers", permissions });
          const { firstUsers: _, ...changed } = (await readRole(subject, mica, roleId)).role;
          same(body, changed, "the answer");
          same(
            changed,
            { ...made, id: roleId, name: "Readers", permissions, users: 1 },
            "the role",
          );
          await expectOutcome(subject, "token_stale", "GET /session", {}, nora);
          const richer = await renew(subject, nora, "key-1");
          same([richer.permissions, richer.roles], [permissions, ["Readers"]], "nora's rights");
          const now = headers.get("etag") ?? "";
          const again = await change({ name: "Readers" }, now);
          same(again.headers.get("etag"), now, "the tag where nothing changes");
          await refusesBuiltIn(subject, "PATCH /roles/:roleId");
        },
      },
    },
    fails: {
      ...conditions("PATCH /roles/:roleId"),
      role_name_taken: {
        name: "gives none the name of another",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id: roleId } = await addRole(subject, mica);
          await expectOutcome(
            subject,
            "role_name_taken",
            "PATCH /roles/:roleId",
            { params: { roleId }, headers: { "if-match": "*" }, body: { name: "marketing" } },
            mica,
          );
        },
      },
    },
  },

  "DELETE /roles/:roleId": {
    request: { params: none, headers: { "if-match": "*" } },
    wrong: { params: { roleId: "marketing" }, pointer: "/params/roleId" },
    succeeds: {
      204: {
        name: "deletes a role, and takes what it gives from everybody at once",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const mike = await signIn(subject);
          const { id: roleId } = await roleNamed(subject, mica, "marketing");
          const { tag } = await readRole(subject, mica, roleId);
          await expectOutcome(
            subject,
            204,
            "DELETE /roles/:roleId",
            { params: { roleId }, headers: { "if-match": tag } },
            mica,
          );
          const marketing = { params: { slug: "marketing" } };
          await expectOutcome(subject, "token_stale", "GET /sections/:slug", marketing, mike);
          await expectOutcome(
            subject,
            "section_forbidden",
            "GET /sections/:slug",
            marketing,
            await renew(subject, mike, "key-1"),
          );
          same((await findUser(subject, mica, "mike")).roles, [], "mike's roles");
          await refusesBuiltIn(subject, "DELETE /roles/:roleId");
        },
      },
    },
    fails: conditions("DELETE /roles/:roleId"),
  },
};
