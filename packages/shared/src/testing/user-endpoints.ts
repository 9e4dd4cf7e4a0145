import type { Session, User } from "../contract/contract.ts";
import type { userEndpoints } from "../contract/users.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable, Shown } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { day, logIn, minute, refresh, renew, signIn } from "./steps.ts";
import { passwordOf, type Person, type Subject } from "./subject.ts";

/** Of nobody: ids are random, so that a behaviour looks up whom it is about. */
const nobody = { userId: `usr_${"A".repeat(22)}` };
const olga = { username: "Olga", displayName: "Olga Ö", email: "olga@example.com" };
const password = "some long words of olga";
const importKey = "POST /users/import";
const asPeople = (...lines: readonly string[]) =>
  ({
    type: "text/csv",
    content: `username,displayName,email,roles\n${lines.join("\n")}\n`,
  }) as const;

interface NewUser extends User {
  readonly link: string;
  readonly linkExpiresAt: string;
}
const tokenIn = ({ link }: Pick<NewUser, "link">): string => link.slice(link.indexOf("#") + 1);

const listUsers = async (
  subject: Subject,
  as: Session,
  query: Input["query"] = {},
): Promise<{
  readonly items: readonly User[];
  readonly nextCursor: string | null;
  readonly total: number;
}> =>
  (await expectOutcome(subject, 200, "GET /users", { query }, as)).body as {
    items: User[];
    nextCursor: string | null;
    total: number;
  };

export const findUser = async (subject: Subject, as: Session, name: string): Promise<User> => {
  const { items } = await listUsers(subject, as, { q: name });
  const found = items.find(({ username }) => username === name);
  holds(found !== undefined, `there is ${name}`);
  return found;
};

const tagOf = async (subject: Subject, as: Session, userId: string): Promise<string> => {
  const { headers } = await expectOutcome(
    subject,
    200,
    "GET /users/:userId",
    { params: { userId } },
    as,
  );
  return headers.get("etag") ?? "";
};

/** Changes somebody as they are now. */
export const changeUser = async (
  subject: Subject,
  as: Session,
  name: string,
  body: object,
  outcome: Parameters<typeof expectOutcome>[1] = 200,
) => {
  const { id } = await findUser(subject, as, name);
  const headers = { "if-match": await tagOf(subject, as, id) };
  return expectOutcome(
    subject,
    outcome,
    "PATCH /users/:userId",
    { params: { userId: id }, headers, body },
    as,
  );
};

const addOlga = async (subject: Subject, as: Session, more: object = {}): Promise<NewUser> =>
  (await expectOutcome(subject, 201, "POST /users", { body: { ...olga, ...more } }, as))
    .body as NewUser;

/** Olga, who may change people and nothing else, signed in. */
const signInOlga = async (subject: Subject, mica: Session, roleIds: readonly string[]) => {
  const made = await addOlga(subject, mica, { roleIds });
  await expectOutcome(subject, 204, "POST /password-resets/confirm", {
    body: { token: tokenIn(made), newPassword: password },
  });
  return (await logIn(subject, 200, "olga", password)).body as Session;
};

const roleNamed = async (subject: Subject, mica: Session, name: string): Promise<string> => {
  for (const person of ["mica", "mike"] satisfies Person[]) {
    const role = (await findUser(subject, mica, person)).roles.find((one) => one.name === name);
    if (role) return role.id;
  }
  throw new Error(`Nobody is in ${name}`);
};

const onNora = async (subject: Subject, mica: Session): Promise<Input> => {
  const { id: userId } = await findUser(subject, mica, "nora");
  return { params: { userId }, headers: { "if-match": await tagOf(subject, mica, userId) } };
};
const conditions = (key: "PATCH /users/:userId" | "DELETE /users/:userId") =>
  ({
    precondition_required: {
      name: "asks on which version the change was made",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const { params = {} } = await onNora(subject, mica);
        await expectOutcome(
          subject,
          "precondition_required",
          key,
          { params, ...(key.startsWith("PATCH") && { body: {} }) },
          mica,
        );
      },
    },
    precondition_failed: {
      name: "changes nobody who is no longer as they were read",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const read = await onNora(subject, mica);
        const body = { displayName: "Nora B." };
        await changeUser(subject, mica, "nora", body);
        await expectOutcome(
          subject,
          "precondition_failed",
          key,
          { ...read, ...(key.startsWith("PATCH") && { body: { displayName: "Nora C." } }) },
          mica,
        );
        includes(await findUser(subject, mica, "nora"), body, "nora");
      },
    },
    not_found: {
      name: "says so of somebody who is not there",
      run: async (subject: Subject) => {
        await expectOutcome(
          subject,
          "not_found",
          key,
          {
            params: nobody,
            headers: { "if-match": "*" },
            ...(key.startsWith("PATCH") && { body: {} }),
          },
          await signInToAdminister(subject),
        );
      },
    },
    rights_exceeded: {
      name: "refuses whoever has not all that the person may do and see",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const pia = await signInPia(subject, mica);
        for (const name of ["mica", "mike", "frida"]) {
          const { id: userId } = await findUser(subject, mica, name);
          const { problem } = await expectOutcome(
            subject,
            "rights_exceeded",
            key,
            {
              params: { userId },
              headers: { "if-match": "*" },
              ...(key.startsWith("PATCH") && { body: { displayName: "Somebody else" } }),
            },
            pia,
          );
          holds(
            !/marketing|finance/.test(problem?.detail ?? ""),
            "what the person may see is not told",
          );
        }
        const { id: userId } = await findUser(subject, mica, "nora");
        await expectOutcome(
          subject,
          key.startsWith("PATCH") ? 200 : 204,
          key,
          {
            params: { userId },
            headers: { "if-match": "*" },
            ...(key.startsWith("PATCH") && { body: { displayName: "Nora B." } }),
          },
          pia,
        );
      },
    },
    last_admin: {
      name: "leaves an admin who can sign in, and says why",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const admin = await roleNamed(subject, mica, "admin");
        // Who has not chosen a password yet could not help.
        const made = await addOlga(subject, mica, { roleIds: [admin] });
        const { id: userId } = await findUser(subject, mica, "mica");
        const input = {
          params: { userId },
          headers: { "if-match": "*" },
          ...(key.startsWith("PATCH") && { body: { active: false } }),
        };
        const { problem } = await expectOutcome(subject, "last_admin", key, input, mica);
        holds((problem?.detail ?? "").length > 20, "it says why");
        if (key.startsWith("PATCH"))
          await expectOutcome(
            subject,
            "last_admin",
            key,
            { ...input, body: { roleIds: [] } },
            mica,
          );
        await expectOutcome(subject, 204, "POST /password-resets/confirm", {
          body: { token: tokenIn(made), newPassword: password },
        });
        await expectOutcome(subject, key.startsWith("PATCH") ? 200 : 204, key, input, mica);
      },
    },
  }) as const;

/** Pia, who may read and change people, and has no section: by a role that mica makes. */
const signInPia = async (subject: Subject, mica: Session): Promise<Session> => {
  const { body } = await expectOutcome(
    subject,
    201,
    "POST /roles",
    { body: { name: "people", permissions: ["users:read", "users:write"] } },
    mica,
  );
  return signInOlga(subject, mica, [(body as { readonly id: string }).id]);
};

export const userBehaviours: Pick<BehaviourTable, keyof typeof userEndpoints> = {
  "GET /users": {
    request: {},
    wrong: { query: { sort: "password" }, pointer: "/query/sort" },
    succeeds: {
      200: {
        name: "lists people in the order asked for, in pages, and finds them by a part of a name or an address",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const names = async (query: Input["query"]): Promise<string[]> =>
            (await listUsers(subject, mica, query)).items.map(({ username }) => username);
          same(await names({}), ["dan", "frida", "mica", "mike", "nora"], "by display name");
          same(
            await names({ sort: "-username" }),
            ["nora", "mike", "mica", "frida", "dan"],
            "backwards by user name",
          );
          const found: string[] = [];
          let totals = 0;
          for (let cursor: string | undefined | null; cursor !== null; totals += 1) {
            const page = await listUsers(subject, mica, { sort: "createdAt", limit: 2, cursor });
            holds(page.total === 5, `there are ${page.total}`);
            found.push(...page.items.map(({ username }) => username));
            cursor = page.nextCursor;
          }
          same([found.toSorted(), totals], [await names({}), 3], "all of them, in three pages");
          same(
            [
              await names({ q: "LINDQ" }),
              await names({ q: "@example" }),
              await names({ q: "nobody" }),
              await names({ active: "false" }),
              await names({ role: await roleNamed(subject, mica, "marketing") }),
              await names({ role: await roleNamed(subject, mica, "marketing"), active: "true" }),
              await names({ role: `rol_${"A".repeat(22)}` }),
            ],
            [
              ["mike"],
              ["dan", "frida", "mica", "mike", "nora"],
              [],
              ["dan"],
              ["dan", "mike"],
              ["mike"],
              [],
            ],
            "searched and filtered",
          );
          const inFile = async (query: Input["query"]): Promise<string[]> => {
            const asked = { query: { ...query, limit: 1, format: "csv" } };
            const file = await expectOutcome(subject, 200, "GET /users", asked, mica);
            return (file.body as string)
              .split("\r\n")
              .map((record) => record.replace(/^usr_[^,]+,/, ""));
          };
          const asTold = (await listUsers(subject, mica, { q: "mike" })).items[0];
          same(
            await inFile({ q: "mike" }),
            [
              "id,username,displayName,email,roles,active,hasPassword,createdAt,lastSeenAt",
              `mike,${asTold?.displayName},mike@example.com,marketing,true,true,${asTold?.createdAt},`,
              "",
            ],
            "a file of those that are searched for, whatever the limit",
          );
          same(
            (await inFile({ sort: "-username", active: "true" })).map((one) => one.split(",")[0]),
            ["id", "nora", "mike", "mica", "frida", ""],
            "a file in the order asked for",
          );
          const exported = await expectOutcome(
            subject,
            200,
            "GET /audit-events",
            { query: { action: "user.export" } },
            mica,
          );
          same(
            (exported.body as { items: { detail: unknown }[] }).items.map(({ detail }) => detail),
            [
              { format: "csv", active: "true", sort: "-username" },
              { format: "csv", q: "mike", sort: "displayName" },
            ],
            "what is known of the files",
          );
          const { body } = await expectOutcome(
            subject,
            "validation_failed",
            "GET /users",
            {
              query: {
                sort: "username",
                cursor: (await listUsers(subject, mica, { limit: 1 })).nextCursor ?? "",
              },
            },
            mica,
          );
          includes(body, { errors: [{ pointer: "/query/cursor" }] }, "the cursor of another order");
        },
      },
    },
    fails: {},
  },

  "POST /users": {
    request: { body: olga },
    another: { body: { ...olga, displayName: "Another" } },
    wrong: { body: { ...olga, username: "not a name" }, pointer: "/username" },
    succeeds: {
      201: {
        name: "adds a person with roles, who chooses a password by the link and signs in with it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const marketing = await roleNamed(subject, mica, "marketing");
          const { body, headers } = await expectOutcome(
            subject,
            201,
            "POST /users",
            { body: { ...olga, roleIds: [marketing] } },
            mica,
          );
          const made = body as NewUser;
          const { id, createdAt, link, linkExpiresAt, ...told } = made;
          same(
            told,
            {
              ...olga,
              active: true,
              hasPassword: false,
              roles: [{ id: marketing, name: "marketing" }],
              lastSeenAt: null,
            },
            "the person",
          );
          same(
            Date.parse(linkExpiresAt) - Date.parse(createdAt),
            3 * day,
            "how long the link works",
          );
          same(headers.get("location"), `/users/${id}`, "Location");
          same(headers.get("etag"), await tagOf(subject, mica, id), "ETag");
          holds(/\/choose-password#[\w-]{43}$/.test(link), `the link is ${link}`);
          await logIn(subject, "invalid_credentials", "olga", password);
          await expectOutcome(subject, 204, "POST /password-resets/confirm", {
            body: { token: tokenIn(made), newPassword: password },
          });
          const session = (await logIn(subject, 200, "OLGA", password)).body as Session;
          same(
            session.sections.map(({ slug }) => slug),
            ["welcome", "marketing"],
            "what she sees",
          );
          const seen = await findUser(subject, mica, "Olga");
          holds(seen.hasPassword && seen.lastSeenAt !== null, "she was seen");
        },
      },
    },
    fails: {
      name_taken: {
        name: "refuses a name and an address that somebody has, and the name of somebody who is gone",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const pointers = async (body: object) =>
            (
              await expectOutcome(
                subject,
                "name_taken",
                "POST /users",
                { body: { ...olga, ...body } },
                mica,
              )
            ).problem?.errors?.map(({ pointer }) => pointer);
          same(await pointers({ username: "MIKE" }), ["/username"], "another's name");
          same(await pointers({ email: "Nora@example.com" }), ["/email"], "another's address");
          const nora = await onNora(subject, mica);
          await expectOutcome(subject, 204, "DELETE /users/:userId", nora, mica);
          same(await pointers({ username: "Nora" }), ["/username"], "a name of before");
        },
      },
      rights_exceeded: {
        name: "gives no role that gives more than the caller has",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const pia = await signInPia(subject, mica);
          const person = { username: "quin", displayName: "Quin" };
          for (const name of ["admin", "marketing"])
            await expectOutcome(
              subject,
              "rights_exceeded",
              "POST /users",
              { body: { ...person, roleIds: [await roleNamed(subject, mica, name)] } },
              pia,
            );
          await expectOutcome(subject, 201, "POST /users", { body: person }, pia);
        },
      },
    },
  },

  "GET /users/:userId": {
    request: { params: nobody },
    wrong: { params: { userId: "nora" }, pointer: "/params/userId" },
    succeeds: {
      200: {
        name: "tells of one person what the list does, with a tag for changes",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const listed = await findUser(subject, mica, "mike");
          const { body, headers } = await expectOutcome(
            subject,
            200,
            "GET /users/:userId",
            { params: { userId: listed.id } },
            mica,
          );
          same(body, listed, "mike");
          holds(headers.has("etag"), "there is a tag");
        },
      },
    },
    fails: {
      not_found: {
        name: "says so of somebody who is not there",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "GET /users/:userId",
            { params: nobody },
            await signInToAdminister(subject),
          );
        },
      },
    },
  },

  "PATCH /users/:userId": {
    request: { params: nobody, headers: { "if-match": "*" }, body: {} },
    wrong: {
      params: nobody,
      headers: { "if-match": "*" },
      body: { displayName: "" },
      pointer: "/displayName",
    },
    succeeds: {
      200: {
        name: "changes what is sent and leaves the rest, and gives another tag",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const before = await findUser(subject, mica, "nora");
          const tag = await tagOf(subject, mica, before.id);
          const marketing = await roleNamed(subject, mica, "marketing");
          const { body, headers } = await changeUser(subject, mica, "nora", {
            displayName: " Nora B. ",
            email: null,
            roleIds: [marketing],
          });
          same(
            body,
            {
              ...before,
              displayName: "Nora B.",
              email: null,
              roles: [{ id: marketing, name: "marketing" }],
            },
            "nora",
          );
          holds(headers.get("etag") !== tag, "another tag");
          same(headers.get("etag"), await tagOf(subject, mica, before.id), "the tag");
          const again = await changeUser(subject, mica, "nora", { displayName: "Nora B." });
          same(again.headers.get("etag"), headers.get("etag"), "the tag where nothing changes");
          same(
            (await changeUser(subject, mica, "nora", { roleIds: [] })).body,
            { ...before, displayName: "Nora B.", email: null },
            "without roles",
          );
          const { problem } = await changeUser(
            subject,
            mica,
            "nora",
            { roleIds: [`rol_${"A".repeat(22)}`] },
            "validation_failed",
          );
          same(problem?.errors?.[0]?.pointer, "/roleIds/0", "a role that there is not");
        },
      },
    },
    fails: {
      ...conditions("PATCH /users/:userId"),
      name_taken: {
        name: "gives nobody another's address",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await changeUser(subject, mica, "nora", { email: "MIKE@example.com" }, "name_taken");
          await changeUser(subject, mica, "nora", { email: "NORA@example.com" });
        },
      },
      busy: showBusy("PATCH /users/:userId", async (subject) => {
        const as = await signInToAdminister(subject);
        return { as, input: { ...(await onNora(subject, as)), body: { displayName: "N." } } };
      }),
    },
  },

  "DELETE /users/:userId": {
    request: { params: nobody, headers: { "if-match": "*" } },
    wrong: { params: { userId: "nora" }, pointer: "/params/userId" },
    succeeds: {
      204: {
        name: "deletes somebody, who is out at once",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await signIn(subject, "nora");
          await expectOutcome(
            subject,
            204,
            "DELETE /users/:userId",
            await onNora(subject, mica),
            mica,
          );
          await expectOutcome(subject, "session_ended", "GET /session", {}, nora);
          await logIn(subject, "invalid_credentials", "nora", passwordOf("nora"));
          same((await listUsers(subject, mica)).total, 4, "who is left");
        },
      },
    },
    fails: {
      ...conditions("DELETE /users/:userId"),
      busy: showBusy("DELETE /users/:userId", async (subject) => {
        const as = await signInToAdminister(subject);
        return { as, input: await onNora(subject, as) };
      }),
    },
  },

  "POST /users/:userId/password-link": {
    request: { params: nobody },
    wrong: { params: { userId: "nora" }, pointer: "/params/userId" },
    succeeds: {
      200: {
        name: "makes a link that works once, and those of before stop",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id: userId } = await findUser(subject, mica, "nora");
          const make = async () =>
            (
              await expectOutcome(
                subject,
                200,
                "POST /users/:userId/password-link",
                { params: { userId } },
                mica,
              )
            ).body as NewUser;
          const [first, second] = [await make(), await make()];
          const confirm = (outcome: Parameters<typeof expectOutcome>[1], made: NewUser) =>
            expectOutcome(subject, outcome, "POST /password-resets/confirm", {
              body: { token: tokenIn(made), newPassword: password },
            });
          await confirm("one_use_token_invalid", first);
          // The password of before is good until there is another one.
          const nora = await signIn(subject, "nora");
          same(
            nora.notices.map(({ kind, data }) => [kind, data]),
            Array.from({ length: 2 }, () => ["passwordLinkMade", { madeBy: "mica" }]),
            "what she is told",
          );
          await confirm(204, second);
          await confirm("one_use_token_invalid", second);
          same(
            (await refresh(subject, "refresh_invalid", nora, "key")).problem?.reason,
            "passwordChanged",
            "why her session ended",
          );
          await logIn(subject, "invalid_credentials", "nora", passwordOf("nora"));
          await logIn(subject, 200, "nora", password);
        },
      },
    },
    fails: {
      not_found: {
        name: "makes none for somebody who is not there",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "POST /users/:userId/password-link",
            { params: nobody },
            await signInToAdminister(subject),
          );
        },
      },
      rights_exceeded: {
        name: "makes none for somebody who may do more than the caller",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const pia = await signInPia(subject, mica);
          for (const name of ["mica", "mike"])
            await expectOutcome(
              subject,
              "rights_exceeded",
              "POST /users/:userId/password-link",
              { params: { userId: (await findUser(subject, mica, name)).id } },
              pia,
            );
        },
      },
      busy: showBusy("POST /users/:userId/password-link", async (subject) => {
        const as = await signInToAdminister(subject);
        return { as, input: { params: { userId: (await findUser(subject, as, "nora")).id } } };
      }),
    },
  },

  "GET /users/:userId/access": {
    request: { params: nobody },
    wrong: { params: { userId: "nora" }, pointer: "/params/userId" },
    succeeds: {
      200: {
        name: "says of each section and permission by what somebody has it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const accessOf = async (name: string) =>
            (
              await expectOutcome(
                subject,
                200,
                "GET /users/:userId/access",
                { params: { userId: (await findUser(subject, mica, name)).id } },
                mica,
              )
            ).body as {
              readonly items: readonly { readonly slug: string; readonly because: unknown }[];
              readonly permissions: readonly { readonly permission: string }[];
            };
          await subject.arrange({ kind: "grantGiven", person: "mike", section: "marketing" });
          const welcome = {
            slug: "welcome",
            because: [{ kind: "public", name: "", everySection: false }],
          };
          includes(
            (await accessOf("mike")).items,
            [
              welcome,
              {
                slug: "marketing",
                because: [
                  { kind: "role", name: "marketing", everySection: false },
                  { kind: "user", name: "mike", everySection: false },
                ],
              },
            ],
            "mike's",
          );
          const { items, permissions } = await accessOf("mica");
          same(items.length, 5, "mica's sections");
          same(
            items[1]?.because,
            [{ kind: "role", name: "admin", everySection: true }],
            "why mica sees marketing",
          );
          same(
            permissions.map(({ permission }) => permission),
            mica.permissions,
            "mica's permissions",
          );
          same((await accessOf("nora")).permissions, [], "nora's permissions");
        },
      },
    },
    fails: {
      not_found: {
        name: "says so of somebody who is not there",
        run: async (subject) => {
          await expectOutcome(
            subject,
            "not_found",
            "GET /users/:userId/access",
            { params: nobody },
            await signInToAdminister(subject),
          );
        },
      },
    },
  },

  "POST /users/import": {
    request: { upload: asPeople("olga,Olga Ö,olga@example.com,") },
    another: { upload: asPeople("omar,Omar,,") },
    wrong: { query: { dryRun: "perhaps" }, pointer: "/query/dryRun" },
    succeeds: {
      200: {
        name: "tells who would be added, and adds nobody",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const role = { id: await roleNamed(subject, mica, "marketing"), name: "marketing" };
          const input = {
            query: { dryRun: "true" },
            upload: asPeople('Olga," Olga Ö",,marketing', "", "pia,'-Pia,pia@example.com,"),
          };
          same(
            (await expectOutcome(subject, 200, importKey, input, mica)).body,
            {
              items: [
                { line: 2, username: "Olga", displayName: "Olga Ö", email: null, roles: [role] },
                {
                  line: 4,
                  username: "pia",
                  displayName: "-Pia",
                  email: "pia@example.com",
                  roles: [],
                },
              ],
            },
            "who would be added",
          );
          same((await listUsers(subject, mica, {})).total, 5, "people");
        },
      },
      201: {
        name: "adds all of them, with roles and a link each, and reads what an export has written",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const input = { upload: asPeople("olga,Olga Ö,,marketing; marketing", "pia,Pia,,") };
          const { body } = await expectOutcome(subject, 201, importKey, input, mica);
          const { items } = body as { items: NewUser[] };
          same(
            items.map(({ username, displayName }) => [username, displayName]),
            [
              ["olga", "Olga Ö"],
              ["pia", "Pia"],
            ],
            "who was added",
          );
          for (const made of items)
            await expectOutcome(subject, 204, "POST /password-resets/confirm", {
              body: { token: tokenIn(made), newPassword: password },
            });
          const { body: signedIn } = await logIn(subject, 200, "olga", password);
          same((signedIn as Session).roles, ["marketing"], "her roles");
          const exported = await expectOutcome(
            subject,
            200,
            "GET /users",
            { query: { q: "pia", format: "csv" } },
            mica,
          );
          const { problem } = await expectOutcome(
            subject,
            "rows_rejected",
            importKey,
            { upload: { type: "text/csv", content: exported.body as string } },
            mica,
          );
          same(problem?.errors?.[0]?.pointer, "/lines/2/username", "who is there already");
        },
      },
    },
    fails: {
      rows_rejected: {
        name: "adds nobody where somebody cannot be, and tells every mistake by its line",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const refused = async (content: string): Promise<(readonly [string, string])[]> => {
            const input = { upload: { type: "text/csv", content } };
            const { problem } = await expectOutcome(
              subject,
              "rows_rejected",
              importKey,
              input,
              mica,
            );
            return (problem?.errors ?? []).map(({ pointer, code }) => [pointer, code] as const);
          };
          same(
            await refused(
              "username,displayName,email,roles\nnew,New,,nobodies\nno name,,x,\nfive,Five,,,more\n",
            ),
            [
              ["/lines/2/roles", "unknown_role"],
              ["/lines/3/username", "custom"],
              ["/lines/3/displayName", "too_small"],
              ["/lines/3/email", "invalid_format"],
              ["/lines/4", "wrong_cell_count"],
            ],
            "what cannot be read",
          );
          same(
            await refused("displayName;username\nA;same\nB;SAME\nC;Mike\n"),
            [
              ["/lines/3/username", "taken"],
              ["/lines/4/username", "taken"],
            ],
            "whose names are taken",
          );
          for (const [content, pointer, code] of [
            ["", "/lines/1", "unreadable"],
            ["username,displayName\n", "/lines/1", "no_people"],
            ["username,name\na,A\n", "/lines/1/name", "unknown_column"],
            ['username,displayName\n"a,A\n', "/lines/2", "unreadable"],
          ] as const)
            same((await refused(content))[0], [pointer, code], JSON.stringify(content));
          same((await listUsers(subject, mica, {})).total, 5, "people");
        },
      },
      rights_exceeded: {
        name: "gives nobody more than the caller has",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const pia = await signInPia(subject, mica);
          for (const dryRun of ["true", "false"])
            await expectOutcome(
              subject,
              "rights_exceeded",
              importKey,
              { query: { dryRun }, upload: asPeople("olga,Olga,,admin") },
              pia,
            );
        },
      },
    },
  },

  "POST /users/changes": {
    request: { body: { userIds: [nobody.userId], change: "activate" } },
    wrong: { body: { userIds: [nobody.userId], change: "addRole" }, pointer: "/roleId" },
    succeeds: {
      200: {
        name: "changes each by itself, and tells of each what became of them",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const idOf = async (name: string) => (await findUser(subject, mica, name)).id;
          const change = async (as: Session, names: readonly string[], body: object) => {
            const userIds = await Promise.all(names.map(idOf));
            const reply = await expectOutcome(
              subject,
              200,
              "POST /users/changes",
              { body: { userIds: [...userIds, nobody.userId], ...body } },
              as,
            );
            return (
              reply.body as {
                items: { outcome: string; problem: { code: string } | null }[];
              }
            ).items.map(({ outcome, problem }) => problem?.code ?? outcome);
          };
          const mike = await signIn(subject);
          same(
            await change(mica, ["mike", "dan", "mica"], { change: "deactivate" }),
            ["changed", "unchanged", "last_admin", "not_found"],
            "who is deactivated",
          );
          await expectOutcome(subject, "session_ended", "GET /session", {}, mike);
          same(
            await change(mica, ["mike"], { change: "activate" }),
            ["changed", "not_found"],
            "who is activated",
          );
          const roleId = await roleNamed(subject, mica, "marketing");
          same(
            await change(mica, ["nora", "mike"], { change: "addRole", roleId }),
            ["changed", "unchanged", "not_found"],
            "who is put into a role",
          );
          same(
            await change(mica, ["nora", "frida"], { change: "removeRole", roleId }),
            ["changed", "unchanged", "not_found"],
            "who is taken out of it",
          );
          const nora = await signIn(subject, "nora");
          same(
            await change(mica, ["nora", "frida"], { change: "endSessions" }),
            ["changed", "unchanged", "not_found"],
            "whose sessions are ended",
          );
          same(
            (await refresh(subject, "refresh_invalid", nora, "key")).problem?.reason,
            "endedByAdmin",
            "why her session ended",
          );
          const pia = await signInPia(subject, mica);
          same(
            await change(pia, ["mike", "nora"], { change: "deactivate" }),
            ["rights_exceeded", "changed", "not_found"],
            "by somebody with fewer rights",
          );
          await expectOutcome(
            subject,
            "forbidden",
            "POST /users/changes",
            { body: { userIds: [await idOf("nora")], change: "endSessions" } },
            pia,
          );
          await expectOutcome(
            subject,
            "validation_failed",
            "POST /users/changes",
            {
              body: {
                userIds: [await idOf("frida")],
                change: "addRole",
                roleId: `rol_${"A".repeat(22)}`,
              },
            },
            mica,
          );
        },
      },
    },
    fails: {
      busy: showBusy("POST /users/changes", async (subject) => {
        const as = await signInToAdminister(subject);
        const { id } = await findUser(subject, as, "nora");
        return { as, input: { body: { userIds: [id], change: "deactivate" } } };
      }),
    },
  },

  "POST /password-resets/check": {
    request: { body: { token: "x".repeat(43) } },
    wrong: { body: { token: "" }, pointer: "/token" },
    succeeds: {
      200: {
        name: "tells whose password a link is for, however often, until the link is used",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const made = await addOlga(subject, mica);
          const body = { token: tokenIn(made) };
          for (let look = 0; look < 2; look += 1)
            same(
              (await expectOutcome(subject, 200, "POST /password-resets/check", { body })).body,
              {
                user: { username: made.username, displayName: made.displayName },
                linkExpiresAt: made.linkExpiresAt,
              },
              "whose it is",
            );
          await expectOutcome(subject, 204, "POST /password-resets/confirm", {
            body: { ...body, newPassword: password },
          });
          await expectOutcome(subject, "one_use_token_invalid", "POST /password-resets/check", {
            body,
          });
        },
      },
    },
    fails: {
      rate_limited: {
        name: "lets nobody guess: wrong tokens count, and those that were tried on passwords do too",
        run: async (subject) => {
          const made = await addOlga(subject, await signInToAdminister(subject));
          const check = (outcome: Parameters<typeof expectOutcome>[1], token: string) =>
            expectOutcome(subject, outcome, "POST /password-resets/check", { body: { token } });
          for (let guess = 1; guess <= 10; guess += 1) {
            await check("one_use_token_invalid", `guess-${guess}`);
            await expectOutcome(subject, "one_use_token_invalid", "POST /password-resets/confirm", {
              body: { token: `guess-${guess}`, newPassword: password },
            });
          }
          await check("rate_limited", tokenIn(made));
        },
      },
      busy: showBusy("POST /password-resets/check", async () => ({
        input: { body: { token: "x".repeat(43) } },
      })),
    },
  },

  "POST /password-resets/confirm": {
    request: { body: { token: "x".repeat(43), newPassword: password } },
    wrong: { body: { token: "x".repeat(43), newPassword: "too short" }, pointer: "/newPassword" },
    succeeds: {
      204: {
        name: "takes no password about the person, and the link is not used up by it",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const made = await addOlga(subject, mica);
          const { problem } = await expectOutcome(
            subject,
            "validation_failed",
            "POST /password-resets/confirm",
            { body: { token: tokenIn(made), newPassword: "olga@example.com olga" } },
          );
          same(problem?.errors?.[0]?.pointer, "/newPassword", "the pointer");
          await expectOutcome(subject, 204, "POST /password-resets/confirm", {
            body: { token: tokenIn(made), newPassword: password },
          });
        },
      },
    },
    fails: {
      rate_limited: {
        name: "lets nobody guess: after twenty wrong tokens even the right one has to wait",
        run: async (subject) => {
          const made = await addOlga(subject, await signInToAdminister(subject));
          const confirm = (outcome: Parameters<typeof expectOutcome>[1], token: string) =>
            expectOutcome(subject, outcome, "POST /password-resets/confirm", {
              body: { token, newPassword: password },
            });
          for (let guess = 1; guess <= 20; guess += 1)
            await confirm("one_use_token_invalid", `guess-${guess}`);
          await confirm("rate_limited", tokenIn(made));
        },
      },
      busy: showBusy("POST /password-resets/confirm", async (subject) => {
        const made = await addOlga(subject, await signInToAdminister(subject));
        return { input: { body: { token: tokenIn(made), newPassword: password } } };
      }),
    },
  },
};

const cursorAt = (...place: readonly unknown[]): string => btoa(JSON.stringify(place));

/** What holds of people over several endpoints. */
export const peopleBehaviours: readonly Shown[] = [
  {
    name: "a cursor at a place where nobody of the list can stand is refused",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      for (const [sort, ...place] of [
        ["createdAt", 1.5, "x"],
        ["-createdAt", 1e300, "x"],
        ["createdAt", 0, "usr_\0"],
        ["username", "\0", "x"],
      ] as const) {
        const { problem } = await expectOutcome(
          subject,
          "validation_failed",
          "GET /users",
          { query: { sort, cursor: cursorAt(sort, ...place) } },
          mica,
        );
        includes(
          problem?.errors,
          [{ pointer: "/query/cursor", code: "invalid_cursor" }],
          JSON.stringify(place),
        );
      }
    },
  },
  {
    name: "the audit trail says that a link was made, and whose it was when a password was chosen",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const made = await addOlga(subject, mica);
      const eventOf = async (action: string) => {
        const query = { action, subject: made.id };
        const reply = await expectOutcome(subject, 200, "GET /audit-events", { query }, mica);
        const { items } = reply.body as { items: { actor: unknown; detail: unknown }[] };
        same(items.length, 1, `events ${action}`);
        return items[0];
      };
      const byMica = { id: mica.user.id, name: "mica" };
      includes(
        await eventOf("user.create"),
        { actor: byMica, detail: { linkExpiresAt: made.linkExpiresAt } },
        "who was added",
      );
      const { body } = await expectOutcome(
        subject,
        200,
        "POST /users/:userId/password-link",
        { params: { userId: made.id } },
        mica,
      );
      const again = body as NewUser;
      includes(
        await eventOf("user.makePasswordLink"),
        { actor: byMica, detail: { linkExpiresAt: again.linkExpiresAt } },
        "the link",
      );
      await expectOutcome(subject, 204, "POST /password-resets/confirm", {
        body: { token: tokenIn(again), newPassword: password },
      });
      includes(
        await eventOf("user.choosePassword"),
        { actor: { id: made.id, name: "Olga" }, detail: { by: "link", madeBy: byMica } },
        "the choice",
      );
    },
  },
  {
    name: "weak passwords on a good link to choose one are no guesses, and hold nobody up",
    run: async (subject) => {
      const made = await addOlga(subject, await signInToAdminister(subject));
      const confirm = (outcome: Parameters<typeof expectOutcome>[1], newPassword: string) =>
        expectOutcome(subject, outcome, "POST /password-resets/confirm", {
          body: { token: tokenIn(made), newPassword },
        });
      for (let attempt = 1; attempt <= 21; attempt += 1)
        await confirm("validation_failed", "olga@example.com olga");
      await confirm(204, password);
    },
  },
  {
    name: "a role that is given counts with the next refresh, and one that is taken with the next request",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const roleId = await roleNamed(subject, mica, "marketing");
      const nora = await signIn(subject, "nora");
      const marketing = { params: { slug: "marketing" } };
      await changeUser(subject, mica, "nora", { roleIds: [roleId] });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", marketing, nora);
      const richer = await renew(subject, nora, "key-1");
      await expectOutcome(subject, 200, "GET /sections/:slug", marketing, richer);
      await changeUser(subject, mica, "nora", { roleIds: [] });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", marketing, richer);
    },
  },
  {
    name: "a link to choose a password works for three days",
    run: async (subject) => {
      const made = await addOlga(subject, await signInToAdminister(subject));
      await subject.advanceClock(3 * day - minute);
      const confirm = (outcome: Parameters<typeof expectOutcome>[1]) =>
        expectOutcome(subject, outcome, "POST /password-resets/confirm", {
          body: { token: tokenIn(made), newPassword: password },
        });
      await subject.advanceClock(minute);
      await confirm("one_use_token_invalid");
    },
  },
  {
    name: "a link stops once whoever had it made may no longer change the person",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const pia = await signInPia(subject, mica);
      const { body } = await expectOutcome(
        subject,
        201,
        "POST /users",
        { body: { username: "quin", displayName: "Quin" } },
        pia,
      );
      const made = body as NewUser;
      const confirm = (outcome: Parameters<typeof expectOutcome>[1]) =>
        expectOutcome(subject, outcome, "POST /password-resets/confirm", {
          body: { token: tokenIn(made), newPassword: password },
        });
      const admin = await roleNamed(subject, mica, "admin");
      await changeUser(subject, mica, "quin", { roleIds: [admin] });
      await confirm("one_use_token_invalid");
      await changeUser(subject, mica, "quin", { roleIds: [] });
      await changeUser(subject, mica, "Olga", { active: false });
      await confirm("one_use_token_invalid");
      await changeUser(subject, mica, "Olga", { active: true });
      await confirm(204);
    },
  },
];
