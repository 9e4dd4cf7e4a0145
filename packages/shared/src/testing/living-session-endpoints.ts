import type { livingSessionEndpoints } from "../contract/living-sessions.ts";
import type { ContractKey, Session, SessionEndReason } from "../contract/contract.ts";
import { expectOutcome } from "./ask.ts";
import type { BehaviourTable, Shown } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { showBusy } from "./show-busy.ts";
import { minute, refresh, renew, signIn } from "./steps.ts";
import type { Subject } from "./subject.ts";

const nobody = `usr_${"A".repeat(22)}`;
const noSession = `ses_${"A".repeat(22)}`;

interface Listed {
  readonly id: string;
  readonly current: boolean;
  readonly user: { readonly username: string };
  readonly lastUsedAt: string;
}
interface Page {
  readonly items: readonly Listed[];
  readonly nextCursor: string | null;
}

const idsOf = ({ items }: Page): string[] => items.map(({ id }) => id);

/** What the session is told that somebody has ended, an admin unless another reason is named. */
const isEnded = async (
  subject: Subject,
  session: Session,
  reason: SessionEndReason = "endedByAdmin",
): Promise<void> => {
  await expectOutcome(subject, "session_ended", "GET /session", {}, session);
  same(
    (await refresh(subject, "refresh_invalid", session, "a-key")).problem?.reason,
    reason,
    "the reason",
  );
};

const refuses = (key: ContractKey, name: string, params: Record<string, string>): Shown => ({
  name,
  run: async (subject) => {
    const mica = await signInToAdminister(subject);
    await expectOutcome(subject, "not_found", key, { params }, mica);
  },
});

/**
 * frida may end sessions, of nobody who may do more than she does.
 * @returns mica's session and frida's
 */
const signInFrida = async (
  subject: Subject,
): Promise<{ readonly mica: Session; readonly frida: Session }> => {
  await subject.arrange({ kind: "permissionGiven", person: "frida", permission: "sessions:write" });
  return { mica: await signInToAdminister(subject), frida: await signIn(subject, "frida") };
};

export const livingSessionBehaviours: Pick<BehaviourTable, keyof typeof livingSessionEndpoints> = {
  "GET /account/sessions": {
    request: {},
    wrong: { query: { limit: 0 }, pointer: "/query/limit" },
    succeeds: {
      200: {
        name: "lists one's own sessions that live, the last sign-in first, and tells which one asks",
        run: async (subject) => {
          const ended = await signIn(subject, "mike");
          await expectOutcome(subject, 204, "DELETE /account/sessions", {}, ended);
          const first = await signIn(subject, "mike");
          await signIn(subject, "nora");
          await subject.advanceClock(minute);
          const second = await signIn(subject, "mike");
          const asks = await renew(subject, first, "a-key");
          const list = async (query: Record<string, string | number>): Promise<Page> =>
            (await expectOutcome(subject, 200, "GET /account/sessions", { query }, asks))
              .body as Page;
          const all = await list({});
          same(
            all.items.map(({ id, current, user: { username } }) => [id, current, username]),
            [
              [second.session.id, false, "mike"],
              [first.session.id, true, "mike"],
            ],
            "the sessions",
          );
          const { items, nextCursor: cursor } = await list({ limit: 1 });
          holds(cursor !== null, "the first page of one leads to another");
          same(
            [...idsOf({ items, nextCursor: null }), ...idsOf(await list({ limit: 1, cursor }))],
            idsOf(all),
            "two pages of one",
          );
        },
      },
    },
    fails: {},
  },

  "DELETE /account/sessions/:sessionId": {
    request: { params: { sessionId: noSession } },
    wrong: { params: { sessionId: "mike" }, pointer: "/params/sessionId" },
    succeeds: {
      204: {
        name: "ends one of one's own sessions at once, and is content where it is over",
        run: async (subject) => {
          const [here, lost] = [await signIn(subject, "mike"), await signIn(subject, "mike")];
          const params = { sessionId: lost.session.id };
          for (let time = 0; time < 2; time += 1)
            await expectOutcome(
              subject,
              204,
              "DELETE /account/sessions/:sessionId",
              { params },
              here,
            );
          await isEnded(subject, lost, "endedByUser");
          await expectOutcome(subject, 200, "GET /session", {}, here);
        },
      },
    },
    fails: {
      busy: showBusy("DELETE /account/sessions/:sessionId", async (subject) => ({
        as: await signIn(subject, "mike"),
        input: { params: { sessionId: (await signIn(subject, "mike")).session.id } },
      })),
      not_found: {
        name: "says of somebody else's what it says where there is none, and leaves it alone",
        run: async (subject) => {
          const [mike, nora] = [await signIn(subject, "mike"), await signIn(subject, "nora")];
          const details = new Set<string | undefined>();
          for (const sessionId of [noSession, nora.session.id]) {
            const { problem } = await expectOutcome(
              subject,
              "not_found",
              "DELETE /account/sessions/:sessionId",
              { params: { sessionId } },
              mike,
            );
            details.add(problem?.detail);
          }
          same(details.size, 1, "how many ways of saying it there are");
          await expectOutcome(subject, 200, "GET /session", {}, nora);
        },
      },
    },
  },

  "GET /sessions": {
    request: {},
    wrong: { query: { user: "mike" }, pointer: "/query/user" },
    succeeds: {
      200: {
        name: "lists the sessions that live, the last sign-in first, with whose they are and the device of each",
        run: async (subject) => {
          const first = await signIn(subject, "mike");
          await subject.advanceClock(minute);
          const ended = await signIn(subject, "nora");
          await expectOutcome(subject, 204, "POST /logout", {
            body: { refreshToken: ended.refreshToken },
          });
          const second = await renew(subject, await signIn(subject, "mike"), "a-key");
          await subject.advanceClock(minute);
          const mica = await signInToAdminister(subject);
          await renew(subject, first, "a-key");
          const list = async (query: Record<string, string | number> = {}): Promise<Page> =>
            (await expectOutcome(subject, 200, "GET /sessions", { query }, mica)).body as Page;

          const all = await list();
          same(
            all.items.map(({ id, current, user: { username } }) => [id, current, username]),
            [
              [mica.session.id, true, "mica"],
              [second.session.id, false, "mike"],
              [first.session.id, false, "mike"],
            ],
            "the sessions",
          );
          includes(
            all.items[2],
            { user: { id: first.user.id, username: "mike", displayName: "Mike Lindqvist" } },
            "the first session",
          );
          const [, of, ofFirst] = all.items;
          same(
            Date.parse(ofFirst?.lastUsedAt ?? "") - Date.parse(of?.lastUsedAt ?? ""),
            minute,
            "how much later the first was used",
          );

          const ofMike = [second.session.id, first.session.id];
          same(idsOf(await list({ user: first.user.id })), ofMike, "mike's sessions");
          same(idsOf(await list({ q: " MIKE " })), ofMike, "what mike fits");
          same(idsOf(await list({ q: "mike nothing-like-it" })), [], "what nothing fits");
          const one = await list({ user: first.user.id, limit: 1 });
          const { nextCursor: cursor } = one;
          holds(cursor !== null, "the first page of one leads to another");
          same(
            [...idsOf(one), ...idsOf(await list({ user: first.user.id, limit: 1, cursor }))],
            ofMike,
            "two pages of one",
          );
        },
      },
    },
    fails: {},
  },

  "DELETE /sessions": {
    request: {},
    succeeds: {
      204: {
        name: "ends everybody's sessions at once, and the own ones but the one that asks",
        run: async (subject) => {
          const [own, mike] = [await signInToAdminister(subject), await signIn(subject, "mike")];
          const mica = await signInToAdminister(subject);
          for (let time = 0; time < 2; time += 1)
            await expectOutcome(subject, 204, "DELETE /sessions", {}, mica);
          for (const session of [own, mike]) await isEnded(subject, session);
          await expectOutcome(subject, 200, "GET /session", {}, mica);
          await expectOutcome(subject, 200, "GET /session", {}, await signIn(subject, "mike"));
        },
      },
    },
    fails: {
      busy: showBusy("DELETE /sessions", async (subject) => {
        await signIn(subject, "mike");
        return { as: await signInToAdminister(subject), input: {} };
      }),
      rights_exceeded: {
        name: "ends none for whoever does not have every right",
        run: async (subject) => {
          const { mica, frida } = await signInFrida(subject);
          await expectOutcome(subject, "rights_exceeded", "DELETE /sessions", {}, frida);
          await expectOutcome(subject, 200, "GET /session", {}, mica);
        },
      },
    },
  },

  "DELETE /sessions/:sessionId": {
    request: { params: { sessionId: noSession } },
    wrong: { params: { sessionId: "mike" }, pointer: "/params/sessionId" },
    succeeds: {
      204: {
        name: "ends a session at once, and no other one of the user, and is content where it is over",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const [one, other] = [await signIn(subject, "mike"), await signIn(subject, "mike")];
          for (let time = 0; time < 2; time += 1)
            await expectOutcome(
              subject,
              204,
              "DELETE /sessions/:sessionId",
              { params: { sessionId: one.session.id } },
              mica,
            );
          await isEnded(subject, one);
          await expectOutcome(subject, 200, "GET /session", {}, other);
        },
      },
    },
    fails: {
      busy: showBusy("DELETE /sessions/:sessionId", async (subject) => ({
        as: await signInToAdminister(subject),
        input: { params: { sessionId: (await signIn(subject, "mike")).session.id } },
      })),
      not_found: refuses("DELETE /sessions/:sessionId", "says so where there is no such session", {
        sessionId: noSession,
      }),
      rights_exceeded: {
        name: "ends none of somebody who may do more",
        run: async (subject) => {
          const { mica, frida } = await signInFrida(subject);
          await expectOutcome(
            subject,
            "rights_exceeded",
            "DELETE /sessions/:sessionId",
            { params: { sessionId: mica.session.id } },
            frida,
          );
          await expectOutcome(subject, 200, "GET /session", {}, mica);
          const nora = await signIn(subject, "nora");
          await expectOutcome(
            subject,
            204,
            "DELETE /sessions/:sessionId",
            { params: { sessionId: nora.session.id } },
            frida,
          );
          await isEnded(subject, nora);
        },
      },
    },
  },

  "GET /users/:userId/sessions": {
    request: { params: { userId: nobody } },
    wrong: { params: { userId: "mike" }, pointer: "/params/userId" },
    succeeds: {
      200: {
        name: "lists the sessions of one user that live",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const mike = await signIn(subject, "mike");
          const { body } = await expectOutcome(
            subject,
            200,
            "GET /users/:userId/sessions",
            { params: { userId: mike.user.id } },
            mica,
          );
          same(idsOf(body as Page), [mike.session.id], "mike's sessions");
        },
      },
    },
    fails: {
      not_found: refuses("GET /users/:userId/sessions", "says so where there is no such user", {
        userId: nobody,
      }),
    },
  },

  "DELETE /users/:userId/sessions": {
    request: { params: { userId: nobody } },
    wrong: { params: { userId: "mike" }, pointer: "/params/userId" },
    succeeds: {
      204: {
        name: "ends every session of one user at once, and none of anybody else",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await signIn(subject, "nora");
          const mikes = [await signIn(subject, "mike"), await signIn(subject, "mike")];
          const params = { userId: mikes[0]?.user.id ?? "" };
          await expectOutcome(subject, 204, "DELETE /users/:userId/sessions", { params }, mica);
          for (const session of mikes) await isEnded(subject, session);
          for (const session of [mica, nora])
            await expectOutcome(subject, 200, "GET /session", {}, session);
        },
      },
    },
    fails: {
      busy: showBusy("DELETE /users/:userId/sessions", async (subject) => ({
        as: await signInToAdminister(subject),
        input: { params: { userId: (await signIn(subject, "mike")).user.id } },
      })),
      not_found: refuses("DELETE /users/:userId/sessions", "says so where there is no such user", {
        userId: nobody,
      }),
      rights_exceeded: {
        name: "ends none of somebody who may do more",
        run: async (subject) => {
          const { mica, frida } = await signInFrida(subject);
          const params = { userId: mica.user.id };
          await expectOutcome(
            subject,
            "rights_exceeded",
            "DELETE /users/:userId/sessions",
            { params },
            frida,
          );
          await expectOutcome(subject, 200, "GET /session", {}, mica);
        },
      },
    },
  },
};
