/**
 * The table of POST /refresh in docs/protocol.md, row by row and in its order, and what becomes of
 * programs that do to the letter what a refusal tells them.
 */
import type { ErrorCode, Session } from "../contract/contract.ts";
import { expectOutcome, type Input, type Reply } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import type { Subject } from "./subject.ts";

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

const anybody: Input = { credentials: "include" };
const program = (subject: Subject): Promise<Session> =>
  subject.signInAs("mike", { delivery: "body" });

const byBody = (
  subject: Subject,
  outcome: 200 | ErrorCode,
  refreshToken: string | undefined,
  key?: string,
): Promise<Reply> =>
  expectOutcome(subject, outcome, "POST /refresh", {
    body: { refreshToken },
    headers: key === undefined ? {} : { "idempotency-key": key },
  });
const byCookie = (subject: Subject, outcome: 200 | ErrorCode, key?: string): Promise<Reply> =>
  expectOutcome(subject, outcome, "POST /refresh", {
    ...anybody,
    headers: key === undefined ? {} : { "idempotency-key": key },
  });

/** A page with its cookie jar, and a program with the token in its memory, behind one face. */
interface Holder {
  readonly session: Session;
  token(): string;
  /** Presents this token, and keeps what is given for it where it is not said otherwise. */
  refresh(
    outcome: 200 | ErrorCode,
    options?: { readonly token?: string; readonly key?: string },
  ): Promise<Reply>;
  isAlive(): Promise<boolean>;
}
const holders: {
  readonly [D in "cookie" | "body"]: (subject: Subject) => Promise<Holder>;
} = {
  body: async (subject) => {
    let current = await program(subject);
    return {
      session: current,
      token: () => current.refreshToken as string,
      refresh: async (outcome, { token = current.refreshToken, key } = {}) => {
        const reply = await byBody(subject, outcome, token, key);
        if (outcome === 200) current = reply.body as Session;
        return reply;
      },
      isAlive: async () =>
        (
          await subject.fetch("/session", {
            credentials: "omit",
            headers: { authorization: `Bearer ${current.accessToken}` },
          })
        ).status === 200,
    };
  },
  cookie: async (subject) => {
    const session = await subject.signInAs("mike", { delivery: "cookie" });
    let current = await subject.readCookie("refresh");
    return {
      session,
      token: () => current,
      refresh: async (outcome, { token = current, key } = {}) => {
        await subject.writeCookie("refresh", token);
        const reply = await byCookie(subject, outcome, key);
        if (outcome === 200) current = await subject.readCookie("refresh");
        return reply;
      },
      isAlive: async () => (await subject.fetch("/session", {})).status === 200,
    };
  },
};

const noticesOf = async (subject: Subject): Promise<string[]> =>
  (await program(subject)).notices.map(({ kind }) => kind);
const expectStolen = async (subject: Subject, reply: Reply): Promise<void> => {
  same(reply.problem?.reason, "reuse", "the reason");
  same(await noticesOf(subject), ["refreshTokenReused"], "what the user is told");
};
const flipped = (token: string): string =>
  `${token.slice(0, -1)}${token.endsWith("A") ? "E" : "A"}`;

/** Rows that hold for both deliveries. */
const rowsOf = (delivery: "cookie" | "body"): readonly Shown[] => {
  const hold = holders[delivery];
  const other = delivery === "cookie" ? "body" : "cookie";
  const presentThroughTheOther = async (
    subject: Subject,
    outcome: ErrorCode,
    token: string,
    key: string | undefined,
  ): Promise<Reply> => {
    if (delivery === "cookie") return byBody(subject, outcome, token, key);
    await subject.signInAs("nora", { delivery: "cookie" });
    await subject.writeCookie("refresh", token);
    return byCookie(subject, outcome, key);
  };
  const rows: readonly Shown[] = [
    {
      name: "what is malformed, a wrong tag or no session's revokes nothing, with a key or without one",
      run: async (subject) => {
        const holder = await hold(subject);
        for (const token of ["no.refresh.token", flipped(holder.token())])
          for (const key of ["key-1", undefined]) {
            const { problem } = await holder.refresh("refresh_invalid", {
              token,
              ...(key !== undefined && { key }),
            });
            same(problem?.reason, undefined, "the reason");
          }
        await holder.refresh(200, { key: "key-1" });
      },
    },
    {
      name: "the end of a session comes before all that its token could be, with a key or without one",
      run: async (subject) => {
        const holder = await hold(subject);
        const parent = holder.token();
        await holder.refresh(200, { key: "key-1" });
        await subject.arrange({ kind: "sessionsEnded", person: "mike", reason: "endedByAdmin" });
        for (const token of [parent, holder.token()])
          for (const key of ["key-1", undefined]) {
            const { problem } = await holder.refresh("refresh_invalid", {
              token,
              ...(key !== undefined && { key }),
            });
            same(problem?.reason, "endedByAdmin", "the reason");
            same(
              (await presentThroughTheOther(subject, "refresh_invalid", token, key)).problem
                ?.reason,
              "endedByAdmin",
              "the reason through the other delivery",
            );
          }
        same(await noticesOf(subject), [], "what the user is told");
      },
    },
    ...(["current", "parent", "grandparent"] as const).map((which): Shown => ({
      name: `through ${other === "body" ? "a body" : "a cookie"} the ${which} token is stolen, at once and under whatever key`,
      run: async (subject) => {
        const holder = await hold(subject);
        const tokens = [holder.token()];
        for (const key of ["key-1", "key-2"]) {
          await holder.refresh(200, { key });
          tokens.unshift(holder.token());
        }
        const token = tokens[["current", "parent", "grandparent"].indexOf(which)] as string;
        const reply = await presentThroughTheOther(
          subject,
          "refresh_invalid",
          token,
          which === "current" ? undefined : "key-2",
        );
        await expectStolen(subject, reply);
        if (delivery === "body") same(await holder.isAlive(), false, "the session lives");
      },
    })),
    {
      name: "the parent under the same key gives the same successor, at once and days later, and says so",
      run: async (subject) => {
        const holder = await hold(subject);
        const parent = holder.token();
        await holder.refresh(200, { key: "key-1" });
        const successor = holder.token();
        for (const pause of [0, 9 * second, 11 * second, 6 * day]) {
          await subject.advanceClock(pause);
          const { headers } = await holder.refresh(200, { token: parent, key: "key-1" });
          same(
            [headers.get("idempotency-replayed"), holder.token()],
            ["true", successor],
            `Idempotency-Replayed and the successor, ${pause} ms later`,
          );
        }
      },
    },
    {
      name: "beyond thirty a minute a rotation or a replay is put off and changes nothing",
      run: async (subject) => {
        const holder = await hold(subject);
        const parent = holder.token();
        for (let refreshes = 1; refreshes <= 30; refreshes += 1)
          await holder.refresh(200, { token: parent, key: "key-1" });
        const successor = holder.token();
        await holder.refresh("rate_limited", { token: parent, key: "key-1" });
        await holder.refresh("rate_limited", { token: successor, key: "key-2" });
        await subject.advanceClock(minute);
        await holder.refresh(200, { token: parent, key: "key-1" });
        same(holder.token(), successor, "the successor");
        await holder.refresh(200, { key: "key-2" });
      },
    },
    {
      name: "whoever is refused uses up nothing of the session's own limit",
      run: async (subject) => {
        const holder = await hold(subject);
        const parent = holder.token();
        await holder.refresh(200, { key: "key-1" });
        const current = holder.token();
        for (let refusals = 1; refusals <= 40; refusals += 1)
          await holder.refresh("refresh_conflict", { token: parent, key: `other-${refusals}` });
        for (let refreshes = 1; refreshes <= 29; refreshes += 1)
          await holder.refresh(200, {
            token: refreshes === 1 ? current : holder.token(),
            key: `key-${refreshes + 1}`,
          });
        await holder.refresh("rate_limited", { key: "key-31" });
      },
    },
    ...(["under another key", "without a key"] as const).map((how): Shown => ({
      name: `an older token ${how} is a slow program's for ten seconds, and then a thief's`,
      run: async (subject) => {
        const holder = await hold(subject);
        const presented = {
          token: holder.token(),
          ...(how === "under another key" && { key: "other" }),
        };
        await holder.refresh(200, { key: "key-1" });
        await subject.advanceClock(10 * second - 1);
        await holder.refresh("refresh_conflict", presented);
        await subject.advanceClock(1);
        await expectStolen(subject, await holder.refresh("refresh_invalid", presented));
      },
    })),
    {
      name: "a token of any generation signs out, and that is no theft",
      run: async (subject) => {
        const holder = await hold(subject);
        const oldest = holder.token();
        await holder.refresh(200, { key: "key-1" });
        await holder.refresh(200, { key: "key-2" });
        await subject.advanceClock(minute);
        if (delivery === "cookie") await subject.writeCookie("refresh", oldest);
        await expectOutcome(
          subject,
          204,
          "POST /logout",
          delivery === "cookie" ? anybody : { body: { refreshToken: oldest } },
        );
        same(await holder.isAlive(), false, "the session lives");
        same(await noticesOf(subject), [], "what the user is told");
      },
    },
  ];
  return rows.map((row) => ({ ...row, name: `a session by ${delivery}: ${row.name}` }));
};

/** Waits as long as it is told, and says how long that was. */
const waitAsTold = async (subject: Subject, { headers }: Reply): Promise<void> => {
  const seconds = headers.get("retry-after");
  holds(seconds !== null, "There is no Retry-After to wait for");
  await subject.advanceClock(Number(seconds) * second);
};

const programs: readonly Shown[] = [
  {
    name: "too many refusals to one network are answered 429, and still keep nobody there from refreshing",
    run: async (subject) => {
      const holder = await holders.body(subject);
      const parent = holder.token();
      await holder.refresh(200, { key: "key-1" });
      const current = holder.token();
      await holder.refresh("refresh_conflict", { token: parent, key: "other" });
      // Of one kind, and many: they are sent at once, and only counted.
      const many = await Promise.all(
        Array.from({ length: 300 }, () =>
          subject.fetch("/refresh", {
            method: "POST",
            headers: { "content-type": "application/json", "idempotency-key": "other" },
            body: JSON.stringify({ refreshToken: parent }),
            credentials: "omit",
          }),
        ),
      );
      const countOf = (status: number): number =>
        many.filter((response) => response.status === status).length;
      same([countOf(409), countOf(429)], [299, 1], "how many were refused, and how many limited");
      await holder.refresh("rate_limited", { token: parent, key: "other" });
      await holder.refresh(200, { token: current, key: "key-2" });
    },
  },
  {
    name: "a page whose body with the news was lost refreshes under its old key once more, and rotates",
    run: async (subject) => {
      const page = await holders.cookie(subject);
      await page.refresh(200, { key: "key-1" });
      const { headers } = await page.refresh(200, { key: "key-1" });
      same(headers.get("idempotency-replayed"), null, "Idempotency-Replayed");
      same(await page.isAlive(), true, "the session lives");
    },
  },
  {
    name: "a page that waits for its cookies as a conflict tells it to goes on with them",
    run: async (subject) => {
      const page = await holders.cookie(subject);
      const parent = page.token();
      await page.refresh(200, { key: "of-another-tab" });
      const successor = page.token();
      const conflict = await page.refresh("refresh_conflict", { token: parent, key: "own" });
      holds(/cookies/.test(conflict.problem?.detail ?? ""), "The detail says nothing of cookies");
      await waitAsTold(subject, conflict);
      await subject.writeCookie("refresh", successor);
      same(await page.isAlive(), true, "the session lives");
      await page.refresh(200, { token: successor, key: "own" });
    },
  },
  {
    name: "a page whose cookies never came repeats the refresh that was lost under its own key, however late",
    run: async (subject) => {
      const page = await holders.cookie(subject);
      const parent = page.token();
      await page.refresh(200, { key: "lost" });
      const conflict = await page.refresh("refresh_conflict", { token: parent, key: "own" });
      await waitAsTold(subject, conflict);
      await subject.advanceClock(minute);
      await page.refresh(200, { token: parent, key: "lost" });
      same(await page.isAlive(), true, "the session lives");
    },
  },
  {
    name: "a program that goes on with the successor it stored, as a conflict tells it to, stays signed in",
    run: async (subject) => {
      const holder = await holders.body(subject);
      const parent = holder.token();
      await holder.refresh(200, { key: "of-one-thread" });
      const stored = holder.token();
      const conflict = await holder.refresh("refresh_conflict", {
        token: parent,
        key: "of-another-thread",
      });
      holds(
        !/cookie|wait|repeat/i.test(conflict.problem?.detail ?? ""),
        `A program is told what only a page can do: ${conflict.problem?.detail}`,
      );
      same(conflict.headers.get("retry-after"), null, "Retry-After");
      await subject.advanceClock(minute);
      await holder.refresh(200, { token: stored, key: "the-next" });
      same(await noticesOf(subject), [], "what the user is told");
    },
  },
  {
    name: "a program whose token somebody else has used ends both sessions by signing out, as a conflict tells it to",
    run: async (subject) => {
      const holder = await holders.body(subject);
      const own = holder.token();
      await holder.refresh(200, { key: "of-a-thief" });
      await holder.refresh("refresh_conflict", { token: own, key: "own" });
      await expectOutcome(subject, 204, "POST /logout", { body: { refreshToken: own } });
      same(await holder.isAlive(), false, "the thief's session lives");
      const { problem } = await holder.refresh("refresh_invalid", { key: "of-a-thief-2" });
      same(problem?.reason, "signedOut", "the reason");
      const again = await program(subject);
      await byBody(subject, 200, again.refreshToken, "own-2");
    },
  },
  {
    name: "a program with a constant key that takes a new one, as it is told to, stays signed in",
    run: async (subject) => {
      const holder = await holders.body(subject);
      await holder.refresh(200, { key: "constant" });
      const token = holder.token();
      await holder.refresh("idempotency_key_reused", { key: "constant" });
      await holder.refresh(200, { token, key: "new-1" });
      await holder.refresh(200, { key: "new-2" });
      same(await holder.isAlive(), true, "the session lives");
    },
  },
  {
    name: "a program without a key that sends one, as it is told to, gets its successor",
    run: async (subject) => {
      const holder = await holders.body(subject);
      const token = holder.token();
      await holder.refresh("idempotency_key_required");
      await holder.refresh(200, { token, key: "new" });
    },
  },
  {
    name: "a program that is put off repeats the same refresh, as it is told to, and gets its successor",
    run: async (subject) => {
      const holder = await holders.body(subject);
      const parent = holder.token();
      for (let refreshes = 1; refreshes <= 30; refreshes += 1)
        await holder.refresh(200, { token: parent, key: "key-1" });
      await waitAsTold(
        subject,
        await holder.refresh("rate_limited", { token: parent, key: "key-1" }),
      );
      await holder.refresh(200, { token: parent, key: "key-1" });
      await holder.refresh(200, { key: "key-2" });
    },
  },
];

export const refreshBehaviours: readonly Shown[] = [
  ...rowsOf("cookie"),
  ...rowsOf("body"),
  ...programs,
];
