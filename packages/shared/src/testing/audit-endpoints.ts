import type { auditEndpoints } from "../contract/audit.ts";
import type { Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { minute, signIn } from "./steps.ts";
import type { Subject } from "./subject.ts";

interface Page {
  readonly items: readonly {
    readonly id: string;
    readonly at: string;
    readonly action: string;
    readonly actor: unknown;
    readonly subject: unknown;
  }[];
  readonly nextCursor: string | null;
}

const listEvents = async (
  subject: Subject,
  query: NonNullable<Input["query"]>,
  as: Session,
): Promise<Page> =>
  (await expectOutcome(subject, 200, "GET /audit-events", { query }, as)).body as Page;

export const auditBehaviours: Pick<BehaviourTable, keyof typeof auditEndpoints> = {
  "GET /audit-events": {
    request: {},
    wrong: { query: { action: "nothing.known" }, pointer: "/query/action" },
    succeeds: {
      200: {
        name: "lists what was done, the newest first, by whom and to what, under the names of then",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const mike = await signIn(subject, "mike");
          const began = Date.parse(mike.accessExpiresAt) - mike.expiresIn * 1000;
          await subject.advanceClock(minute);
          await expectOutcome(subject, 204, "POST /logout", {
            body: { refreshToken: mike.refreshToken },
          });
          const { user, session } = mike;
          const both = await listEvents(subject, { actor: user.id }, mica);
          same(
            both.items.map(({ action, actor, subject: of }) => [action, actor, of]),
            ["session.signOut", "session.signIn"].map((action) => [
              action,
              { id: user.id, name: "mike" },
              { type: "session", id: session.id, name: "mike" },
            ]),
            "what mike did",
          );
          same(both.nextCursor, null, "what follows");

          const first = await listEvents(subject, { subject: session.id, limit: 1 }, mica);
          const { nextCursor: cursor } = first;
          holds(cursor !== null, "the first page of one leads to another");
          const second = await listEvents(subject, { subject: session.id, limit: 1, cursor }, mica);
          same([...first.items, ...second.items], both.items, "two pages of one");
          same(second.nextCursor, null, "what follows the last page");

          const since = new Date(began + 1).toISOString();
          for (const [query, actions] of [
            [{ action: "session.signIn", actor: user.id }, ["session.signIn"]],
            [{ from: since, actor: user.id }, ["session.signOut"]],
            [{ to: since, actor: user.id, subject: session.id }, ["session.signIn"]],
            [{ action: "session.signOut", subject: session.id, to: since }, []],
            [{ actor: "usr_nobody" }, []],
          ] as const)
            same(
              (await listEvents(subject, query, mica)).items.map(({ action }) => action),
              actions,
              JSON.stringify(query),
            );
          const fileOf = async (format: string): Promise<string> =>
            (
              await expectOutcome(
                subject,
                200,
                "GET /audit-events",
                { query: { actor: user.id, limit: 1, format } },
                mica,
              )
            ).body as string;
          same(
            await fileOf("ndjson"),
            both.items.map((event) => `${JSON.stringify(event)}\n`).join(""),
            "both as a file, whatever the limit",
          );
          const [head, ...records] = (await fileOf("csv")).split("\r\n");
          same(head?.startsWith("id,at,action,result,actorId,actorName,"), true, "the head");
          same(
            records.map((record) => record.split(",").slice(0, 3).join(" ")),
            [...both.items.map(({ id, at, action }) => `${id} ${at} ${action}`), ""],
            "both as CSV",
          );
          same(
            (await listEvents(subject, { action: "auditTrail.export" }, mica)).items.map(
              ({ actor, subject: of }) => [actor, of],
            ),
            Array.from({ length: 2 }, () => [{ id: mica.user.id, name: "mica" }, null]),
            "who took the files",
          );
          await expectOutcome(
            subject,
            "validation_failed",
            "GET /audit-events",
            { query: { cursor: "not-one" } },
            mica,
          );
          for (const name of ["actor", "subject"]) {
            const { problem } = await expectOutcome(
              subject,
              "validation_failed",
              "GET /audit-events",
              { query: { [name]: "usr_\0" } },
              mica,
            );
            same(problem?.errors?.[0]?.pointer, `/query/${name}`, "the pointer");
          }
        },
      },
    },
    fails: {},
  },
};
