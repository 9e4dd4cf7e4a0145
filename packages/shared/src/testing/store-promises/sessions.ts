import type {
  FoundSession,
  ListedSession,
  ListPlace,
  NewSession,
  RotationWrites,
  SessionFilter,
  SessionRow,
} from "../../core/core.ts";
import { holds, includes, same } from "../differences.ts";
import {
  areBusy,
  bytes,
  countOutcomes,
  epochOf,
  eventOf,
  goesInBatches,
  manyRows,
  numbered,
  promisesOn,
  userIdOf,
  type StoreSubject,
} from "./promise.ts";

type Domains = "sessions" | "users" | "notices";
const { promise, promiseOfDatabases } = promisesOn<Domains>();
type Subject = StoreSubject<Domains>;

/** What nobody's rights were asked for. */
const nobody = { users: [], roles: [] };

const secretsOf = (found: Uint8Array): number[] => [...found];

export const newSession = (subject: Subject, userId: string): NewSession => ({
  id: subject.newId("ses"),
  userId,
  delivery: "cookie",
  generation: 1,
  secretHash: bytes(1),
  salt: bytes(2),
  masterSecretId: "one",
  rotatedAt: subject.now,
  idleExpiresAt: subject.now + 60_000,
  absoluteExpiresAt: subject.now + 600_000,
  userAgent: "Browser",
  address: "192.0.2.1",
  createdAt: subject.now,
  lastUsedAt: subject.now,
  amr: ["pwd"],
  remembered: true,
  authTime: subject.now,
});

export const beginSession = async (
  subject: Subject,
  username = "mike",
  replaced: string | null = null,
): Promise<FoundSession> => {
  const session = newSession(subject, await userIdOf(subject, username));
  const event = eventOf(subject, "session.signIn", {
    actorUserId: session.userId,
    sessionId: session.id,
  });
  holds(
    (await subject.stores.sessions.add(session, replaced, null, event)) !== null,
    `a session of ${username} begins`,
  );
  return readSession(subject, session.id);
};

const readSession = async ({ stores }: Subject, id: string): Promise<FoundSession> => {
  const found = await stores.sessions.read(id);
  holds(found !== null, "the session is there");
  return found;
};

const rotationOf = (row: SessionRow, now: number): RotationWrites => ({
  generation: row.generation + 1,
  secretHash: bytes(row.generation + 10),
  masterSecretId: "two",
  idempotencyKeyHash: bytes(3),
  rotatedAt: now,
  earlierRotations: [row.rotatedAt],
  idleExpiresAt: now + 120_000,
  lastUsedAt: now,
  userAgent: "Another browser",
  address: "192.0.2.2",
});

export const ofSessions = [
  promise("a session is read as it was added, with a version", async (subject) => {
    const { row, userIsActive } = await beginSession(subject);
    const expected = newSession(subject, row.userId);
    const { secretHash, salt, ...plain } = row;
    includes(
      plain,
      {
        ...Object.fromEntries(
          Object.entries(expected).filter(([name]) => !["id", "secretHash", "salt"].includes(name)),
        ),
        idempotencyKeyHash: null,
        earlierRotations: [],
        endedAt: null,
        endReason: null,
      },
      "the row",
    );
    same([secretsOf(secretHash), secretsOf(salt)], [[...bytes(1)], [...bytes(2)]], "its bytes");
    holds(userIsActive, "its user is active");
    same(await subject.stores.sessions.read("ses_none"), null, "one that there is not");
  }),
  promise("a rotation is written whole, and gives the session another version", async (subject) => {
    const found = await beginSession(subject);
    const rotation = rotationOf(found.row, subject.now + 1_000);
    same(
      await subject.stores.sessions.apply(found.row, found.version, { rotation }),
      "applied",
      "the first",
    );
    const after = await readSession(subject, found.row.id);
    const plain = ({ secretHash, idempotencyKeyHash, ...rest }: RotationWrites) => ({
      ...rest,
      secretHash: secretsOf(secretHash),
      idempotencyKeyHash: idempotencyKeyHash && secretsOf(idempotencyKeyHash),
    });
    includes(plain(after.row), plain(rotation), "the row");
    holds(after.version !== found.version, "another version");
    same(
      await subject.stores.sessions.apply(found.row, found.version, { rotation }),
      "changed",
      "the same once more",
    );
  }),
  promise(
    "of decisions on one version, however many at once, one is carried out",
    async (subject) => {
      const found = await beginSession(subject);
      same(
        await countOutcomes(subject, 20, ({ sessions }, index) =>
          sessions.apply(
            found.row,
            found.version,
            index % 4 < 2
              ? { rotation: rotationOf(found.row, subject.now) }
              : { end: { at: subject.now, reason: "reuse" } },
          ),
        ),
        { applied: 1, changed: 19 },
        "the outcomes",
      );
    },
  ),
  promise("what was decided on a version that has gone leaves nothing", async (subject) => {
    const found = await beginSession(subject);
    await subject.stores.sessions.end(
      found.row.id,
      "signedOut",
      eventOf(subject, "session.signOut", { actorUserId: found.row.userId }),
    );
    const before = await subject.countEvents("session.refresh.reuse");
    const outcome = await subject.stores.sessions.apply(found.row, found.version, {
      end: { at: subject.now, reason: "reuse" },
      audit: eventOf(subject, "session.refresh.reuse", { sessionId: found.row.id }),
      notice: { userId: found.row.userId, kind: "refreshTokenReused", at: subject.now, data: {} },
    });
    same(outcome, "changed", "the outcome");
    same(await subject.countEvents("session.refresh.reuse"), before, "events");
    same((await subject.stores.notices.listOpen(found.row.userId)).length, 0, "notices");
    includes((await readSession(subject, found.row.id)).row, { endReason: "signedOut" }, "the end");
  }),
  promise(
    "who is deactivated by hand loses every session, and versions tell of it",
    async (subject) => {
      const found = await beginSession(subject);
      await subject.deactivate("mike");
      same(
        await subject.stores.sessions.apply(found.row, found.version, {
          rotation: rotationOf(found.row, subject.now),
        }),
        "changed",
        "a rotation decided before",
      );
      includes(
        await subject.stores.sessions.readState(found.row.id),
        { active: false, endReason: "deactivated" },
        "the state",
      );
      same(
        await subject.stores.sessions.add(
          newSession(subject, found.row.userId),
          null,
          null,
          eventOf(subject, "session.signIn"),
        ),
        null,
        "a session more",
      );
    },
  ),
  promise("an event that is kept once for a session and cause is kept once", async (subject) => {
    const found = await beginSession(subject);
    const auditOnce = eventOf(subject, "session.refresh.newerThanDatabase", {
      actorUserId: found.row.userId,
      sessionId: found.row.id,
    });
    const record = () =>
      countOutcomes(subject, 6, ({ sessions }) =>
        sessions.apply(found.row, found.version, { auditOnce }),
      );
    same([await record(), await record()], [{ applied: 6 }, { applied: 6 }], "the outcomes");
    same(await subject.countEvents("session.refresh.newerThanDatabase"), 1, "events");
  }),
  promise(
    "a session ends once, and the one that a sign-in replaces ends with it",
    async (subject) => {
      const first = await beginSession(subject);
      const second = await beginSession(subject, "mike", first.row.id);
      includes((await readSession(subject, first.row.id)).row, { endReason: "signedOut" }, "it");
      const end = (): Promise<boolean> =>
        subject.stores.sessions.end(
          second.row.id,
          "signedOut",
          eventOf(subject, "session.signOut"),
        );
      same([await end(), await end()], [true, false], "whether there was one to end");
      const others = [await beginSession(subject), await beginSession(subject)];
      const kept = await beginSession(subject);
      same(
        await subject.stores.sessions.endOfUser(
          first.row.userId,
          "endedByUser",
          eventOf(subject, "session.endOthers"),
          kept.row.id,
        ),
        others.length,
        "how many others ended",
      );
      includes((await readSession(subject, kept.row.id)).row, { endedAt: null }, "the one kept");
      same(
        await subject.stores.sessions.endOfUser(
          first.row.userId,
          "signedOutEverywhere",
          eventOf(subject, "session.signOutEverywhere"),
        ),
        1,
        "how many ended",
      );
    },
  ),
  promise("sessions that have been over for long are deleted, and no others", async (subject) => {
    const [dead, alive] = [await beginSession(subject), await beginSession(subject)];
    await subject.stores.sessions.end(
      dead.row.id,
      "signedOut",
      eventOf(subject, "session.signOut"),
    );
    same(await subject.stores.sessions.purge(subject.now), 0, "of those before now");
    same(await subject.stores.sessions.purge(subject.now + 1), 1, "of those until now");
    same(await subject.stores.sessions.read(dead.row.id), null, "the dead one");
    holds((await subject.stores.sessions.read(alive.row.id)) !== null, "the living one is there");
  }),
  promise(
    "a device is known by the value that its account gave it, and by no other",
    async (subject) => {
      const { stores } = subject;
      const signIn = async (username: string, presented: number | null, fresh: number) =>
        stores.sessions.add(
          newSession(subject, await userIdOf(subject, username)),
          null,
          { presented: presented === null ? null : bytes(presented), fresh: bytes(fresh) },
          eventOf(subject, "session.signIn"),
        );
      same(await signIn("mike", 90, 50), { device: "fresh" }, "a value made up");
      same(await signIn("mike", 50, 51), { device: "presented" }, "the value that was given");
      same(
        [
          await stores.users.isKnownDevice("mike", bytes(50)),
          await stores.users.isKnownDevice("mike", bytes(90)),
        ],
        [true, false],
        "what is known",
      );
      same(await signIn("nora", 50, 52), { device: "fresh" }, "another's value");
      same(
        [
          await stores.users.isKnownDevice("nora", bytes(52)),
          await stores.users.isKnownDevice("mike", bytes(52)),
          await stores.users.isKnownDevice("mike", bytes(50)),
        ],
        [true, true, false],
        "the device is called anew for both",
      );
    },
  ),
  promise(
    "a user is told of a device that is new to them, but not of the first, nor of a program",
    async (subject) => {
      const { stores } = subject;
      const userId = await userIdOf(subject, "mike");
      const signIn = async (presented: number | null, fresh: number | null) => {
        const session = newSession(subject, userId);
        await stores.sessions.add(
          session,
          null,
          fresh === null
            ? null
            : { presented: presented === null ? null : bytes(presented), fresh: bytes(fresh) },
          eventOf(subject, "session.signIn"),
          {
            userId,
            kind: "signedInOnNewDevice",
            at: subject.now,
            data: { sessionId: session.id },
          },
        );
        return session.id;
      };
      await signIn(null, 50);
      await signIn(50, 51);
      await signIn(null, null);
      same(await stores.notices.listOpen(userId), [], "of devices that are known, and a program");
      const added = await signIn(null, 52);
      same(
        (await stores.notices.listOpen(userId)).map(({ kind, data }) => [kind, data]),
        [["signedInOnNewDevice", { sessionId: added }]],
        "of a new one",
      );
    },
  ),
  promise("of those who end a session at once, one does", async (subject) => {
    const { row } = await beginSession(subject);
    same(
      await countOutcomes(subject, 6, ({ sessions }) =>
        sessions.end(row.id, "signedOut", eventOf(subject, "session.signOut")),
      ),
      { true: 1, false: 5 },
      "the outcomes",
    );
    same(await subject.countEvents("session.signOut"), 1, "events");
  }),
  promiseOfDatabases(
    "who is deactivated while they sign in has no session that lives",
    async (subject) => {
      const userId = await userIdOf(subject, "mike");
      const sessions = Array.from({ length: 8 }, () => newSession(subject, userId));
      const [added] = await Promise.all([
        Promise.all(
          sessions.map((session, index) =>
            (index % 2 === 0 ? subject.stores : subject.others).sessions.add(
              session,
              null,
              null,
              eventOf(subject, "session.signIn"),
            ),
          ),
        ),
        subject.deactivate("mike"),
      ]);
      for (const [index, { id }] of sessions.entries()) {
        const state = await subject.stores.sessions.readState(id);
        if (added[index] === null) same(state, null, "one that did not begin");
        else includes(state, { endReason: "deactivated" }, "one that did");
      }
    },
  ),
  promiseOfDatabases(
    "a password that is changed by hand forgets the devices, and a better hash of it does not",
    async (subject, database) => {
      const { stores } = subject;
      const userId = await userIdOf(subject, "mike");
      await stores.sessions.add(
        newSession(subject, userId),
        null,
        { presented: null, fresh: bytes(50) },
        eventOf(subject, "session.signIn"),
      );
      const isKnown = async () => stores.users.isKnownDevice("mike", bytes(50));
      const hash = (await stores.users.find("mike"))?.passwordHash ?? "";
      await stores.users.replacePasswordHash(userId, hash, "better");
      same(await isKnown(), true, "after a better hash");
      await database.query("UPDATE users SET password_hash = 'by hand'");
      same(await isKnown(), false, "after another password");
    },
  ),
  promiseOfDatabases("who is deleted by hand leaves no session", async (subject, database) => {
    const { row } = await beginSession(subject);
    await database.query("DELETE FROM users WHERE username_key = 'mike'");
    same(await subject.stores.sessions.readState(row.id), null, "the state");
    same(await subject.stores.sessions.read(row.id), null, "the row");
  }),
  promise(
    "the sessions that live are listed, the last that began first, in pages that go on where the one before ended",
    async (subject) => {
      const { sessions } = subject.stores;
      const { now } = subject;
      const begin = async (username: string, about: Partial<NewSession> = {}): Promise<string> => {
        const userId = await userIdOf(subject, username);
        const session = { ...newSession(subject, userId), ...about };
        await sessions.add(session, null, null, eventOf(subject, "session.signIn"));
        return session.id;
      };
      const begun: string[] = [];
      for (let index = 0; index < 6; index += 1)
        begun.unshift(
          await begin(index % 2 === 0 ? "mike" : "nora", {
            createdAt: now + index,
            userAgent: index < 2 ? "Firefox" : "Chrome",
          }),
        );
      await begin("mike", { idleExpiresAt: now });
      await begin("mike", { absoluteExpiresAt: now });
      const over = await begin("nora");
      await sessions.end(over, "signedOut", eventOf(subject, "session.signOut"));
      // A rotation changes what is told of it, and not its place.
      const last = await readSession(subject, begun[5] ?? "");
      await sessions.apply(last.row, last.version, {
        rotation: { ...rotationOf(last.row, now + 50), userAgent: "Firefox" },
      });

      const list = async (filter: SessionFilter, limit: number): Promise<ListedSession[]> => {
        const found: ListedSession[] = [];
        let after: ListPlace | null = null;
        do {
          const page: Awaited<ReturnType<typeof sessions.list>> = await sessions.list(
            filter,
            now,
            after,
            limit,
          );
          holds(page.sessions.length <= limit, "no page is longer than was asked for");
          found.push(...page.sessions);
          after = page.next;
        } while (after !== null);
        return found;
      };
      const userId = await userIdOf(subject, "mike");
      const ofMike = begun.filter((_, index) => index % 2 === 1);
      for (const limit of [1, 2, 100]) {
        const of = async (filter: SessionFilter): Promise<string[]> =>
          (await list(filter, limit)).map(({ id }) => id);
        same(await of({}), begun, `all, in pages of ${limit}`);
        same(await of({ userId }), ofMike, `mike's, in pages of ${limit}`);
        same(await of({ words: ["fire", "192.0"] }), begun.slice(4), "those with Firefox");
        same(await of({ words: ["firefox", "mike"] }), begun.slice(5), "mike's with Firefox");
        same(await of({ words: ["%", "_"] }), [], "those with what means something in SQL");
      }
      same(
        (await list({}, 100)).at(-1),
        {
          id: last.row.id,
          userId,
          username: "mike",
          displayName: "Mike Lindqvist",
          userAgent: "Firefox",
          address: "192.0.2.2",
          createdAt: now,
          lastUsedAt: now + 50,
          idleExpiresAt: now + 50 + 120_000,
          absoluteExpiresAt: now + 600_000,
        },
        "what is told of the first",
      );
    },
  ),
  promise(
    "sessions end as decided, and none of them where somebody's rights have changed since",
    async (subject) => {
      const { sessions } = subject.stores;
      const [one, other] = [await beginSession(subject), await beginSession(subject)];
      const { userId } = one.row;
      const event = eventOf(subject, "session.end", { subjectType: "user", subjectId: userId });
      const as = async (epoch: number) =>
        sessions.endAsDecided(
          { userId },
          { users: [{ id: userId, epoch }], roles: [] },
          "endedByAdmin",
          event,
        );
      const epoch = await epochOf(subject, "mike");
      same(await as(epoch + 1), "changed", "another epoch");
      same(await subject.countEvents("session.end"), 0, "events");
      const ended = await sessions.endAsDecided(
        { sessionId: one.row.id },
        nobody,
        "endedByAdmin",
        event,
      );
      same(ended, 1, "how many of one");
      same((await readSession(subject, other.row.id)).row.endedAt, null, "the other one");
      same(await as(epoch), 1, "how many are left of the user");
      same((await readSession(subject, other.row.id)).row.endReason, "endedByAdmin", "why");
      same(await as(epoch), 0, "how many after that");
      same(await subject.countEvents("session.end"), 2, "events, none for what ended nothing");
    },
  ),
  promise(
    "everybody's sessions end but one, so many at a time and the oldest first, and none that began later",
    async (subject) => {
      const { sessions } = subject.stores;
      const userId = await userIdOf(subject, "mike");
      const begun = [0, 1, 2, 3, 4].map((later) => ({
        ...newSession(subject, userId),
        createdAt: subject.now + later,
      }));
      for (const session of begun)
        await sessions.add(session, null, null, eventOf(subject, "session.signIn"));
      const [first, second, kept, fourth, late] = begun;
      const event = eventOf(subject, "session.endAll", { subjectType: "session" });
      const which = { begunBy: fourth?.createdAt ?? 0, except: kept?.id ?? "", most: 2 };
      const end = async () => sessions.endAsDecided(which, nobody, "endedByAdmin", event);
      const living = async (): Promise<string[]> =>
        (await sessions.list({}, subject.now, null, 10)).sessions.map(({ id }) => id);
      same(await end(), 2, "the first so many");
      same(await living(), [late?.id, fourth?.id, kept?.id], "what lives then");
      same([await end(), await end()], [1, 0], "those after them");
      same(await living(), [late?.id, kept?.id], "what lives in the end");
      same((await readSession(subject, second?.id ?? "")).row.endReason, "endedByAdmin", "why");
      same((await readSession(subject, first?.id ?? "")).row.endedAt, event.at, "when");
    },
  ),
  promise("a proof of who it is is kept, with a rotation or without one", async (subject) => {
    const { sessions } = subject.stores;
    const { row, version } = await beginSession(subject);
    const proved = (at: number, rotation?: RotationWrites) =>
      sessions.apply(row, version, { ...(rotation && { rotation }), authTime: at });
    same(await proved(subject.now + 1), "applied", "without");
    same((await readSession(subject, row.id)).row.authTime, subject.now + 1, "the row");
    same((await sessions.readState(row.id))?.authTime, subject.now + 1, "what requests are told");
    same(await proved(subject.now + 2, rotationOf(row, subject.now)), "applied", "with");
    same(await proved(subject.now + 3), "changed", "on another version");
    same((await sessions.readState(row.id))?.authTime, subject.now + 2, "what stays");
  }),
  promise(
    "another password ends every session but one, where the password of before is still the one",
    async (subject) => {
      const { sessions, users } = subject.stores;
      const { row, version } = await beginSession(subject, "nora");
      const others = [await beginSession(subject, "nora"), await beginSession(subject, "nora")];
      const mike = await beginSession(subject, "mike");
      const { userId } = row;
      const audit = eventOf(subject, "user.changePassword", { actorUserId: userId });
      const signIn = eventOf(subject, "session.signIn", { actorUserId: userId });
      for (const device of [5, 6])
        await sessions.add(
          newSession(subject, userId),
          others[0]?.row.id ?? "",
          { presented: null, fresh: bytes(device) },
          signIn,
        );
      const before = await users.find("nora");
      const change = (
        from: string | null,
        to: string,
        some: Pick<typeof subject.stores, "sessions"> = subject.stores,
        expectedVersion = version,
      ) =>
        some.sessions.apply(row, expectedVersion, {
          rotation: rotationOf(row, subject.now),
          authTime: subject.now,
          password: { from, to, device: bytes(6) },
          audit,
          notice: { userId, kind: "passwordChanged", at: subject.now, data: {} },
        });
      same(await change("not it", "new"), "otherPassword", "another password of before");
      same(
        await change(before?.passwordHash ?? null, "new", subject.stores, version + 1),
        "changed",
        "another version",
      );
      same((await users.find("nora"))?.passwordHash, before?.passwordHash, "what is written then");
      same(
        await countOutcomes(subject, 4, (some, index) =>
          change(before?.passwordHash ?? null, `new ${index}`, some),
        ),
        { applied: 1, otherPassword: 3 },
        "however many ask at once",
      );
      const after = await users.find("nora");
      holds(after?.passwordHash?.startsWith("new ") === true, "the password");
      holds((after?.epoch ?? 0) > (before?.epoch ?? 0), "the epoch has risen");
      same((await readSession(subject, row.id)).row.endedAt, null, "the session");
      for (const other of others.slice(1))
        same((await readSession(subject, other.row.id)).row.endReason, "passwordChanged", "others");
      same((await readSession(subject, mike.row.id)).row.endedAt, null, "somebody else's");
      same(
        [await users.isKnownDevice("nora", bytes(5)), await users.isKnownDevice("nora", bytes(6))],
        [false, true],
        "the devices that are known",
      );
      same((await subject.stores.notices.listOpen(userId)).length, 1, "notices");
      same(await subject.countEvents("user.changePassword"), 1, "events");
    },
  ),
  promiseOfDatabases("a session that cannot be written now is busy", async (subject, database) => {
    const { sessions } = subject.stores;
    const found = await beginSession(subject);
    const { row, version } = found;
    const event = eventOf(subject, "session.signOut");
    const unwritten = newSession(subject, row.userId);
    await sessions.end((await beginSession(subject)).row.id, "signedOut", event);
    await areBusy(database, {
      add: () => sessions.add(unwritten, null, null, eventOf(subject, "session.signIn")),
      rotate: () => sessions.apply(row, version, { rotation: rotationOf(row, subject.now) }),
      prove: () => sessions.apply(row, version, { authTime: subject.now }),
      "end as decided": () =>
        sessions.apply(row, version, { end: { at: subject.now, reason: "reuse" }, audit: event }),
      end: () => sessions.end(row.id, "signedOut", event),
      "end whatever lives": () =>
        sessions.endAsDecided({ userId: row.userId }, nobody, "endedByAdmin", event),
      "end all": () => sessions.endOfUser(row.userId, "signedOutEverywhere", event),
      purge: () => sessions.purge(subject.now + 1),
    });
    same((await readSession(subject, row.id)).version, version, "the version");
    same(await sessions.read(unwritten.id), null, "the one that was to begin");
    same(await subject.countEvents("session.signOut"), 1, "events");
    same(
      await sessions.apply(row, version, { rotation: rotationOf(row, subject.now) }),
      "applied",
      "afterwards",
    );
  }),
  promiseOfDatabases(
    "a rotation that is cut off before it is committed leaves the session as it was",
    async (subject, database) => {
      const { row, version } = await beginSession(subject);
      await database.cutOff("sessions", "apply", row, version, {
        rotation: rotationOf(row, subject.now),
        audit: eventOf(subject, "session.refresh.reuse", { sessionId: row.id }),
      });
      const after = await readSession(subject, row.id);
      same([after.version, after.row.generation], [version, row.generation], "the session");
      same(await subject.countEvents("session.refresh.reuse"), 0, "events");
      same(
        await subject.stores.sessions.apply(row, version, {
          rotation: rotationOf(row, subject.now),
        }),
        "applied",
        "afterwards",
      );
    },
  ),
  promiseOfDatabases(
    "many dead sessions are purged in small batches",
    async (subject, database) => {
      const { row } = await beginSession(subject);
      await database.query(
        `${numbered} INSERT INTO sessions (id, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, earlier_rotations, idle_expires_at, absolute_expires_at, ended_at, end_reason, delivery, user_agent, address, created_at, last_used_at, amr, auth_time)
       SELECT 'ses_' || i, user_id, generation, secret_hash, salt, master_secret_id, rotated_at, earlier_rotations, idle_expires_at, absolute_expires_at, i, 'signedOut', delivery, user_agent, address, created_at, last_used_at, amr, auth_time FROM sessions, n WHERE id = '${row.id}'`,
      );
      await goesInBatches(database, "sessions", "ses_999", () =>
        subject.stores.sessions.purge(manyRows + 1),
      );
    },
  ),
];
