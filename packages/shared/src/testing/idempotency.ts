/**
 * Requests under an `Idempotency-Key`: what is the same for every endpoint that makes something,
 * and what comes of rows.
 */
import type { ContractKey, ErrorCode, Session } from "../contract/contract.ts";
import { ask, expectOutcome, type Input, type Reply } from "./ask.ts";
import type { Prepared, Shown } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import { addOrders, asOrders, figs, orders, signInToAdminister } from "./orders.ts";
import type { Subject } from "./subject.ts";

const day = 24 * 60 * 60 * 1000;
/** For so long a request whose process was killed is believed to be under way. */
const held = 30_000;

const keyed = (input: Input, key = "one"): Input => ({
  ...input,
  headers: { ...input.headers, "idempotency-key": key },
});

interface KeyedExample {
  readonly request: Input;
  readonly another: Input;
  prepare?(subject: Subject, mica: Session): Promise<Prepared | void>;
}

const begin = async (
  subject: Subject,
  { prepare, ...example }: KeyedExample,
): Promise<{ readonly mica: Session; readonly request: Input; readonly another: Input }> => {
  const mica = await signInToAdminister(subject);
  return { mica, ...example, ...(await prepare?.(subject, mica)) };
};

const carryOut = async (
  subject: Subject,
  key: ContractKey,
  input: Input,
  as: Session,
): Promise<Reply> => {
  const reply = await ask(subject, key, input, as);
  holds(reply.code === undefined, `${key}: answers ${reply.code} (${reply.problem?.detail})`);
  same(reply.headers.get("idempotency-replayed"), null, `${key}: Idempotency-Replayed at first`);
  return reply;
};

const expectRepetition = async (
  subject: Subject,
  key: ContractKey,
  input: Input,
  as: Session,
  first: Reply,
): Promise<void> => {
  const again = await expectOutcome(subject, first.status, key, input, as);
  same(again.body, first.body, `${key}: the body of the repetition`);
  for (const name of ["location", "etag", "content-type"])
    same(again.headers.get(name), first.headers.get(name), `${key}: ${name} of the repetition`);
  same(again.headers.get("idempotency-replayed"), "true", `${key}: Idempotency-Replayed`);
};

/** The codes that a key may meet, for every endpoint that takes one. */
export const keyGenerators: {
  readonly [C in ErrorCode]?: (key: ContractKey, example: KeyedExample) => Shown;
} = {
  idempotency_key_mismatch: (key, example) => ({
    name: "takes no second request under the key of a first, and answers the first again",
    run: async (subject) => {
      const { mica, request, another } = await begin(subject, example);
      const first = await carryOut(subject, key, keyed(request), mica);
      await expectOutcome(subject, "idempotency_key_mismatch", key, keyed(another), mica);
      await expectRepetition(subject, key, keyed(request), mica, first);
      await expectRepetition(
        subject,
        key,
        keyed(request),
        await signInToAdminister(subject),
        first,
      );
    },
  }),
  idempotency_key_in_use: (key, example) => ({
    name: "asks whoever repeats a request that is under way to wait",
    run: async (subject) => {
      const { mica, request } = await begin(subject, example);
      await carryOut(subject, key, keyed(request), mica);
      await subject.arrange({ kind: "killedBeforeAnswering" });
      const { headers } = await expectOutcome(
        subject,
        "idempotency_key_in_use",
        key,
        keyed(request),
        mica,
      );
      holds(Number(headers.get("retry-after")) <= 10, "it is sent away for long");
    },
  }),
  idempotency_answer_lost: (key, example) => ({
    name: "does nothing again where only the answer was lost, and says so",
    run: async (subject) => {
      const { mica, request, another } = await begin(subject, example);
      await carryOut(subject, key, keyed(request), mica);
      await subject.arrange({ kind: "killedBeforeAnswering" });
      await subject.advanceClock(held);
      const repeat = (outcome: ErrorCode, input: Input): Promise<Reply> =>
        expectOutcome(subject, outcome, key, keyed(input), mica);
      await repeat("idempotency_answer_lost", request);
      await repeat("idempotency_key_mismatch", another);
      await repeat("idempotency_answer_lost", request);
    },
  }),
};

const rowsKey = "POST /datasets/:name/rows";
const oneRow: Input = { params: { name: orders.name }, upload: asOrders(figs) };
const rowsSeen = async (subject: Subject, as: Session): Promise<number> =>
  (
    (await expectOutcome(subject, 200, "GET /datasets/:name", { params: oneRow.params ?? {} }, as))
      .body as { rowCount: number }
  ).rowCount;

/** What becomes of the rows themselves. */
export const keyBehaviours: readonly Shown[] = [
  {
    name: "rows pushed again under their key are stored once, by whatever session of their sender, for a day",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const before = await rowsSeen(subject, mica);
      const first = await carryOut(subject, rowsKey, keyed(oneRow), mica);
      await expectRepetition(subject, rowsKey, keyed(oneRow), mica, first);
      await expectRepetition(
        subject,
        rowsKey,
        keyed(oneRow),
        await signInToAdminister(subject),
        first,
      );
      same(await rowsSeen(subject, mica), before + 1, "rows after one push");
      await carryOut(subject, rowsKey, keyed(oneRow, "two"), mica);
      await carryOut(subject, rowsKey, oneRow, mica);
      same(await rowsSeen(subject, mica), before + 3, "rows after others");
      // Replaces all of them: the same key at another address is another key.
      await carryOut(subject, "PUT /datasets/:name/rows", keyed(oneRow), mica);
      await subject.advanceClock(day);
      const tomorrow = await signInToAdminister(subject);
      await carryOut(subject, rowsKey, keyed(oneRow), tomorrow);
      same(await rowsSeen(subject, tomorrow), 2, "rows a day later");
    },
  },
  {
    name: "rows that were refused leave their key free, also for rows that were mended",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const before = await rowsSeen(subject, mica);
      const bad = { ...oneRow, upload: asOrders(",,,figs,many,,") };
      await expectOutcome(subject, "rows_rejected", rowsKey, keyed(bad), mica);
      await expectOutcome(subject, "rows_rejected", rowsKey, keyed(bad), mica);
      await carryOut(subject, rowsKey, keyed(oneRow), mica);
      same(await rowsSeen(subject, mica), before + 1, "rows");
    },
  },
  {
    name: "rows that nobody waits for are pushed once, and their repetition names the same import",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const later = keyed({ ...oneRow, query: { wait: "false" } });
      const first = await carryOut(subject, rowsKey, later, mica);
      same(first.status, 202, "the status");
      await expectRepetition(subject, rowsKey, later, mica, first);
      await expectOutcome(subject, "idempotency_key_mismatch", rowsKey, keyed(oneRow), mica);
    },
  },
  {
    name: "the same rows pushed at once under one key are stored once",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrders(subject, mica);
      const before = await rowsSeen(subject, mica);
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => ask(subject, rowsKey, keyed(oneRow), mica)),
      );
      for (const { status, code } of replies)
        holds(
          status === 200 || code === "idempotency_key_in_use",
          `one of them was answered ${status} ${code}`,
        );
      holds(
        replies.some(({ status }) => status === 200),
        "one of them was carried out",
      );
      same(await rowsSeen(subject, mica), before + 1, "rows");
    },
  },
];
