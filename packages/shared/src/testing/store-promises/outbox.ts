/** What a store of mails that have still to be sent has to do. */
import { same } from "../differences.ts";
import {
  asTheyAre,
  bytes,
  countOutcomes,
  eventOf,
  promisesOn,
  type StoreSubject,
} from "./promise.ts";
import { beginSession } from "./sessions.ts";

type Subject = StoreSubject<"outbox" | "sessions" | "users" | "notices" | "oneUseTokens">;
const { promise } = promisesOn<"outbox" | "sessions" | "users" | "notices" | "oneUseTokens">();

/** As many notices for one user, a moment after one another; the last of their mails, by number. */
const writeNotices = async (subject: Subject, count: number, from = 0): Promise<string> => {
  const { row, version } = await beginSession(subject);
  for (let index = from; index < from + count; index += 1)
    await subject.stores.sessions.apply(row, version, {
      notice: {
        userId: row.userId,
        kind: "refreshTokenReused",
        at: subject.now + index,
        data: { index: String(index) },
      },
    });
  return row.userId;
};

export const ofOutbox = [
  promise(
    "a mail is written with each notice, and the last ones of a user are kept",
    async (subject) => {
      const { outbox } = subject.stores;
      await writeNotices(subject, 25);
      const due = await outbox.listDue(subject.now + 25, 100);
      same(
        due.map(({ data, at, attempts }) => [data["index"], at, attempts]),
        Array.from({ length: 20 }, (_, index) => [String(index + 5), subject.now + index + 5, 0]),
        "the last twenty, in order",
      );
      same(
        new Set(due.map(({ to, kind }) => `${to} ${kind}`)).size,
        1,
        "to one address, of one kind",
      );
      same((await outbox.listDue(subject.now + 6, 100)).length, 2, "those whose time has come");
      same((await outbox.listDue(subject.now + 25, 3)).length, 3, "so many at most");
    },
  ),
  promise(
    "of those that want to send a mail one gets it, until its time is over",
    async (subject) => {
      const { outbox } = subject.stores;
      await writeNotices(subject, 1);
      const [mail] = await outbox.listDue(subject.now, 1);
      const until = subject.now + 10;
      same(
        await countOutcomes(subject, 8, ({ outbox: of }) =>
          of.claim({ id: mail?.id ?? "", attempts: 0 }, until),
        ),
        { applied: 1, changed: 7 },
        "who gets it",
      );
      same((await outbox.listDue(subject.now + 9, 1)).length, 0, "while it is being sent");
      const [again] = await outbox.listDue(until, 1);
      same(again, { ...mail, attempts: 1 }, "where whoever had it has died");
      await outbox.forget(mail?.id ?? "");
      same((await outbox.listDue(until, 1)).length, 0, "once it is sent");
    },
  ),
  promise(
    "what has failed is told of until a mail to the same address is sent, or until it is old",
    async (subject) => {
      const { outbox } = subject.stores;
      const userId = await writeNotices(subject, 3);
      const [first, second, third] = await outbox.listDue(subject.now + 3, 3);
      for (const mail of [first, second, third])
        await outbox.claim({ id: mail?.id ?? "", attempts: 0 }, subject.now + 10);
      await outbox.noteFailure(first?.id ?? "", "no such user", null);
      await outbox.noteFailure(second?.id ?? "", "not now", subject.now + 20);
      const told = await outbox.listUndelivered(10);
      same(
        told.map(({ id, user, failure, dueAt, attempts, at }) => [
          id,
          user.id,
          failure,
          dueAt,
          attempts,
          at,
        ]),
        [
          [second?.id, userId, "not now", subject.now + 20, 1, subject.now + 1],
          [first?.id, userId, "no such user", null, 1, subject.now],
        ],
        "both, the newest first",
      );
      same((await outbox.listUndelivered(1)).length, 1, "so many at most");
      same(
        (await outbox.listDue(subject.now + 20, 10)).map(({ id }) => id),
        [third?.id, second?.id],
        "the one that is given up is not tried again",
      );
      same(await outbox.purge(subject.now), 0, "it is not old yet");
      await outbox.forget(third?.id ?? "");
      same(
        (await outbox.listUndelivered(10)).map(({ id }) => id),
        [second?.id],
        "the address takes mails again",
      );
      await outbox.noteFailure(second?.id ?? "", "not now", null);
      same(await outbox.purge(subject.now + 2), 1, "now it is old");
      same(await outbox.listUndelivered(10), [], "and forgotten");
    },
  ),
  promise(
    "a link and its mail are written for the address that the user has, and replace those before",
    async (subject) => {
      const { outbox, oneUseTokens, users } = subject.stores;
      const user = await users.find("nora");
      const userId = user?.id ?? "";
      const to = user?.email ?? "";
      const asked = eventOf(subject, "user.askEmailVerification");
      const add = (number: number, address = to) =>
        outbox.addLink(
          {
            tokenHash: bytes(number),
            purpose: "emailVerification",
            userId,
            madeBy: null,
            createdAt: subject.now,
            expiresAt: subject.now + 10,
          },
          { id: `mai_${number}`, to: address, sealed: `sealed ${number}` },
          asked,
        );
      same(await add(1, "another@example.com"), "changed", "another address");
      same([await add(2), await add(3)], ["applied", "applied"], "hers");
      same(
        (await outbox.listDue(subject.now, 10)).map(({ id, to: address, sealed, kind, data }) => [
          id,
          address,
          sealed,
          kind,
          data,
        ]),
        ["2", "3"].map((number) => [
          `mai_${number}`,
          to,
          `sealed ${number}`,
          "emailVerification",
          { username: "nora" },
        ]),
        "the mails",
      );
      const isThere = async (number: number, at = subject.now) =>
        (await oneUseTokens.findEmailVerification(bytes(number), at)) !== null;
      same(
        [await isThere(1), await isThere(2), await isThere(3), await isThere(3, subject.now + 10)],
        [false, false, true, false],
        "which links work",
      );
      same(await oneUseTokens.findPasswordLink(bytes(3), subject.now), null, "and for what");
      const verified = eventOf(subject, "user.verifyEmail");
      same(
        await countOutcomes(subject, 6, ({ users: some }) =>
          some.verifyEmail({ userId, tokenHash: bytes(3) }, verified),
        ),
        { applied: 1, tokenInvalid: 5 },
        "used once",
      );
      same((await users.findByVerifiedEmail(to))?.id, userId, "the address is hers");
      same(await add(4), "applied", "one more");
      const { version = 0, epoch = 0 } = (await users.find("nora")) ?? {};
      const address = "nora@another.example";
      await users.apply(
        { id: userId, version },
        { ...asTheyAre, users: [{ id: userId, epoch }] },
        { email: { address, key: address } },
        eventOf(subject, "user.change"),
        { userId, kind: "emailChanged", at: subject.now + 1, data: {} },
      );
      same(
        [await isThere(4), await users.findByVerifiedEmail(address)],
        [false, null],
        "another address is not verified, and the link was to the one before",
      );
      same(
        (await outbox.listDue(subject.now + 1, 10)).slice(-2).map(({ to: told }) => told),
        [to, address],
        "who is told",
      );
    },
  ),
];
