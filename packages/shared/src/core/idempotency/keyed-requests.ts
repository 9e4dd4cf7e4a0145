/**
 * Requests that make something, and that their callers give a key (`Idempotency-Key`): however
 * often one of them is sent, it is carried out once, and each repetition gets the answer of the
 * first (draft-ietf-httpapi-idempotency-key-header).
 *
 * A request takes its key once all of it has arrived and before anything is done for it. Whoever is
 * cut off earlier has taken nothing, so that a repetition never waits for a connection that is
 * dead.
 *
 * Where the process is killed, the key is held for a few seconds more. Then the audit trail tells
 * what became of the request, since a change and the event that tells of it are one write: nothing
 * happened, and the request is carried out; or it happened, and the caller is told so, because the
 * answer went with the process. In neither case is anything done twice.
 */
import { applyDecision } from "../apply-decision.ts";
import { after } from "../awaitable.ts";
import { AppError } from "../answering/errors.ts";
import type { Digests, Sealing } from "../ports.ts";
import type {
  FoundKeyUse,
  IdempotencyKeyStore,
  KeptAnswer,
  KeyUse,
} from "./idempotency-key-store.ts";

export const keptKeysMilliseconds = 24 * 60 * 60 * 1000;
/** Of one caller: somebody who sends rows every twenty seconds is remembered for a day. */
const mostKeysOfCaller = 5_000;
/**
 * In characters. A longer answer is not kept, and with so many keys a caller's answers take 500 MB
 * at the most.
 */
const longestAnswer = 32_768;
/** A process that is alive holds on every ten seconds (`scheduled-work.ts`). */
const holdMilliseconds = 30_000;

/** One request under a key. */
export interface KeyedRequest {
  /** Is there an answer to compare with? @throws AppError `idempotency_key_in_use` */
  mayBeRepeated(): Promise<boolean>;
  /**
   * The answer of the first, without taking the key. @throws AppError as `claim`, and `busy` where
   * there is none any more
   */
  recall(requestHash: Uint8Array): Promise<KeptAnswer>;
  /**
   * The answer of the first request; null where this is the first, which has the key from now on.
   * @throws AppError `idempotency_key_in_use`, `idempotency_key_mismatch`,
   * `idempotency_answer_lost`, `busy`
   */
  claim(requestHash: Uint8Array): Promise<KeptAnswer | null>;
  /**
   * What was answered. @param work what the answer only promises; the key is held until it is done
   */
  keep(answer: KeptAnswer, work?: Promise<unknown>): Promise<void>;
  /** It has failed. Where nothing was changed, the key is free again. */
  letGo(): Promise<void>;
}

export interface KeyedRequests {
  /** @param place what the key was sent to */
  open(asked: {
    readonly callerId: string;
    readonly place: string;
    readonly key: string;
    readonly requestId: string;
  }): KeyedRequest;
  /** What is under way here goes on holding its keys. To be called well within half a minute. */
  holdOn(): Promise<void>;
}

type Standing = "free" | "underWay" | "over";

const standingOf = (found: FoundKeyUse | null, now: number): Standing => {
  if (found === null || found.usedAt + keptKeysMilliseconds <= now) return "free";
  const { heldUntil } = found;
  if (heldUntil === null) return "over";
  // Longer than anybody holds: the clock was set back since, and nobody is at it.
  if (heldUntil > now && heldUntil <= now + holdMilliseconds) return "underWay";
  return found.hasChanged ? "over" : "free";
};

const inUse = (): AppError => new AppError("idempotency_key_in_use", { retryAfterSeconds: 2 });

/** @returns null where the key is free */
export const decideKeyUse = (
  found: FoundKeyUse | null,
  requestHash: Uint8Array,
  now: number,
): KeptAnswer | null => {
  const standing = standingOf(found, now);
  if (found === null || standing === "free") return null;
  if (found.requestHash.some((byte, index) => byte !== requestHash[index]))
    throw new AppError("idempotency_key_mismatch");
  if (found.answer !== null) return found.answer;
  throw standing === "underWay" ? inUse() : new AppError("idempotency_answer_lost");
};

export const createKeyedRequests = ({
  store,
  digests,
  sealing,
  now,
}: {
  readonly store: IdempotencyKeyStore;
  readonly digests: Pick<Digests, "hash">;
  readonly sealing: Sealing;
  readonly now: () => number;
}): KeyedRequests => {
  /** What is under way here. */
  const held = new Map<string, KeyUse>();
  const heldUntil = (): number => now() + holdMilliseconds;
  /**
   * Whoever asked has their answer: that it could not be noted is told by the audit trail, once the
   * key is no longer held.
   */
  const unlessBusy = (noted: Promise<void>): Promise<void> => noted.catch(() => {});

  return {
    open: ({ callerId, place, key, requestId }) => {
      const keyHash = digests.hash(JSON.stringify([place, key]));
      const use = { callerId, keyHash, requestId };
      /** An answer may tell a secret, which is told once and kept nowhere. */
      const sealed = (answer: KeptAnswer): KeptAnswer =>
        answer.body === null ? answer : { ...answer, body: sealing.seal(answer.body, keyHash) };
      const opened = (answer: KeptAnswer): KeptAnswer => {
        if (answer.body === null) return answer;
        const body = sealing.open(answer.body, keyHash);
        if (body === null) throw new AppError("idempotency_answer_lost");
        return { ...answer, body };
      };
      /** What runs here holds its key, also where that could not be noted in time. */
      const find = () =>
        after(store.find(callerId, keyHash), (found) =>
          found !== null && found.heldUntil !== null && held.has(found.requestId)
            ? { ...found, heldUntil: heldUntil() }
            : found,
        );
      const note = async (answer: KeptAnswer | null, until: number | null): Promise<void> => {
        if (until === null) held.delete(requestId);
        await unlessBusy(store.keep(use, answer, until));
      };
      const letGo = async (): Promise<void> => {
        if (held.delete(requestId)) await unlessBusy(store.hold([use], 0));
      };
      return {
        mayBeRepeated: async () => {
          const found = await find();
          const standing = standingOf(found, now());
          if (standing === "underWay" && found?.answer === null) throw inUse();
          return standing !== "free";
        },
        recall: async (requestHash) => {
          const kept = decideKeyUse(await find(), requestHash, now());
          if (kept === null) throw new AppError("busy", { retryAfterSeconds: 1 });
          return opened(kept);
        },
        claim: async (requestHash) => {
          const decision = await applyDecision(
            find,
            (found) => ({ kept: decideKeyUse(found, requestHash, now()) }),
            (found, { kept }) =>
              kept === null
                ? store.claim(
                    { ...use, requestHash, usedAt: now(), heldUntil: heldUntil() },
                    found,
                    mostKeysOfCaller,
                  )
                : "applied",
          );
          if (decision.kept === null) held.set(requestId, use);
          return decision.kept && opened(decision.kept);
        },
        keep: async (answer, work) => {
          if (!held.has(requestId)) return;
          const kept = (answer.body ?? "").length > longestAnswer ? null : sealed(answer);
          if (work === undefined) return note(kept, null);
          await note(kept, heldUntil());
          work.then(() => note(kept, null), letGo);
        },
        letGo,
      };
    },
    holdOn: async () => {
      if (held.size > 0) await unlessBusy(store.hold([...held.values()], heldUntil()));
    },
  };
};
