/** What a store of idempotency keys has to do. */
import type { KeptAnswer, NewKeyUse } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import { bytes, promisesOn, type StoreSubject } from "./promise.ts";

type Subject = StoreSubject<"audit" | "idempotencyKeys">;
const { promise } = promisesOn<"audit" | "idempotencyKeys">();

const answer: KeptAnswer = {
  status: 201,
  headers: { location: "/datasets/orders" },
  body: '{"name":"orders"}',
};
const most = 1_000;

const keyUseOf = ({ now }: Subject, number: number, about: Partial<NewKeyUse> = {}): NewKeyUse => ({
  callerId: "usr_one",
  keyHash: bytes(number),
  requestId: `request ${number}`,
  requestHash: bytes(number + 100),
  usedAt: now,
  heldUntil: now + 30_000,
  ...about,
});

const claim = async ({ stores }: Subject, use: NewKeyUse, keep = most): Promise<void> =>
  same(await stores.idempotencyKeys.claim(use, null, keep), "applied", "a key that is free");

/** Those of these that are there. */
const left = async ({ stores }: Subject, uses: readonly NewKeyUse[]): Promise<string[]> => {
  const found: string[] = [];
  for (const { callerId, keyHash, requestId } of uses)
    if ((await stores.idempotencyKeys.find(callerId, keyHash)) !== null) found.push(requestId);
  return found;
};

export const ofIdempotencyKeys = [
  promise("a key is one caller's, and is read as it was claimed", async (subject) => {
    const { idempotencyKeys } = subject.stores;
    const use = keyUseOf(subject, 1);
    await claim(subject, use);
    const found = await idempotencyKeys.find(use.callerId, use.keyHash);
    holds(found !== null, "the key is there");
    const { requestId, usedAt, heldUntil, hasChanged, requestHash } = found;
    same(
      { requestId, usedAt, heldUntil, hasChanged, answer: found.answer },
      {
        requestId: use.requestId,
        usedAt: use.usedAt,
        heldUntil: use.heldUntil,
        hasChanged: false,
        answer: null,
      },
      "what it was first sent with",
    );
    same([...requestHash], [...use.requestHash], "the digest of the request");
    same(await idempotencyKeys.find("usr_two", use.keyHash), null, "the same key of another");
    await claim(subject, keyUseOf(subject, 1, { callerId: "usr_two", requestId: "theirs" }));
    same((await idempotencyKeys.find("usr_one", use.keyHash))?.requestId, requestId, "its own");
  }),
  promise(
    "of requests that claim one key at once, one gets it, and of those that take it over as well",
    async (subject) => {
      const { idempotencyKeys } = subject.stores;
      const claimAll = async (name: string, found: Parameters<typeof idempotencyKeys.claim>[1]) => {
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, async (_, index) =>
            idempotencyKeys.claim(
              keyUseOf(subject, 1, { requestId: `${name} ${index}` }),
              found,
              most,
            ),
          ),
        );
        return outcomes.filter((outcome) => outcome === "applied").length;
      };
      same(await claimAll("first", null), 1, "how many got it");
      const found = await idempotencyKeys.find("usr_one", bytes(1));
      holds(found !== null, "it is taken");
      same(await claimAll("second", found), 1, "how many took it over");
      same(await claimAll("third", found), 0, "how many took over what has another holder");
      await idempotencyKeys.keep(
        { ...keyUseOf(subject, 1), requestId: found.requestId },
        answer,
        null,
      );
      same(
        (await idempotencyKeys.find("usr_one", bytes(1)))?.answer,
        null,
        "who has lost a key keeps no answer under it",
      );
    },
  ),
  promise(
    "an answer is kept as it was given, and what is over is not held any more",
    async (subject) => {
      const { idempotencyKeys } = subject.stores;
      const use = keyUseOf(subject, 1);
      await claim(subject, use);
      const read = async () => {
        const found = await idempotencyKeys.find(use.callerId, use.keyHash);
        return found && [found.answer, found.heldUntil];
      };
      await idempotencyKeys.hold([use], subject.now + 60_000);
      same(await read(), [null, subject.now + 60_000], "while it is under way");
      await idempotencyKeys.keep(use, answer, subject.now + 70_000);
      same(await read(), [answer, subject.now + 70_000], "while its work is under way");
      await idempotencyKeys.keep(use, answer, null);
      await idempotencyKeys.hold([use], 0);
      same(await read(), [answer, null], "once it is over");
    },
  ),
  promise(
    "whether a request has changed anything is told by the events that name it",
    async (subject) => {
      const { idempotencyKeys, audit } = subject.stores;
      const use = keyUseOf(subject, 1);
      await claim(subject, use);
      const hasChanged = async () =>
        (await idempotencyKeys.find(use.callerId, use.keyHash))?.hasChanged;
      const event = {
        at: subject.now,
        action: "dataset.create",
        result: "success",
        actorUserId: use.callerId,
      } as const;
      await audit.add({ ...event, requestId: "another" });
      await audit.add({
        ...event,
        action: "access.denied",
        result: "failure",
        requestId: use.requestId,
      });
      same(await hasChanged(), false, "before");
      await audit.add({ ...event, requestId: use.requestId });
      same(await hasChanged(), true, "after");
    },
  ),
  promise(
    "of a caller's keys the oldest go, but for those that are held and those of others",
    async (subject) => {
      const { idempotencyKeys } = subject.stores;
      const uses = Array.from({ length: 5 }, (_, index) =>
        keyUseOf(subject, index, {
          usedAt: subject.now + index,
          heldUntil: subject.now + (index === 0 ? 30_000 : -1),
        }),
      );
      const theirs = keyUseOf(subject, 9, { callerId: "usr_two", usedAt: subject.now - 9 });
      for (const use of [theirs, ...uses]) await claim(subject, use, 3);
      same(
        await left(subject, [...uses, theirs]),
        ["request 0", "request 2", "request 3", "request 4", "request 9"],
        "what is left",
      );
      same(await idempotencyKeys.purge(subject.now + 3), 3, "how many were purged");
      same(await left(subject, [...uses, theirs]), ["request 3", "request 4"], "after the purge");
    },
  ),
];
