import type { Session } from "../contract/contract.ts";
import { expectOutcome } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { logIn, refresh, signIn } from "./steps.ts";
import {
  asPeople,
  findUser,
  importKey,
  listUsers,
  type NewUser,
  nobody,
  password,
  roleNamed,
  signInPia,
  tokenIn,
} from "./user-steps.ts";

export const manyUsersBehaviours: Pick<
  BehaviourTable,
  "POST /users/import" | "POST /users/changes"
> = {
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
};
