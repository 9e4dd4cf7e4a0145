import type { Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { day, logIn, signIn } from "./steps.ts";
import { passwordOf, type Subject } from "./subject.ts";
import {
  addOlga,
  changeUser,
  findUser,
  listUsers,
  type NewUser,
  nobody,
  olga,
  onNora,
  password,
  roleNamed,
  signInPia,
  tagOf,
  tokenIn,
} from "./user-steps.ts";

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
export const userBehaviours: Pick<
  BehaviourTable,
  | "GET /users"
  | "POST /users"
  | "GET /users/:userId"
  | "PATCH /users/:userId"
  | "DELETE /users/:userId"
  | "GET /users/:userId/access"
> = {
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
    gives: { roleIds: [`rol_${"A".repeat(22)}`] },
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
              emailVerified: false,
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
    gives: { active: true },
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
              emailVerified: false,
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
            { ...before, displayName: "Nora B.", email: null, emailVerified: false },
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
};
