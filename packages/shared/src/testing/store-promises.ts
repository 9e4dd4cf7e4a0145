/**
 * What every store has to do, whatever database is behind it: the promises of the interfaces of the core, for whoever
 * keeps data. It knows no test runner and no Node. Each promise is run on an installation with the sample's people of its
 * own.
 */
import type {
  AuditAction,
  AuditEvent,
  FoundSession,
  NewSession,
  RotationWrites,
  SessionRow,
  Stores,
} from "../core/core.ts";
import { holds, includes, same } from "./differences.ts";

export interface StoreSubject {
  readonly stores: Stores;
  /** Milliseconds since 1970. */
  readonly now: number;
  newId(prefix: "ses" | "usr" | "dat" | "sec" | "pan"): string;
  /** By hand, past every store. */
  deactivate(username: string): Promise<void>;
  /** How many events of this action the audit trail has. */
  countEvents(action: AuditAction): Promise<number>;
}

export interface StorePromise {
  readonly name: string;
  run(subject: StoreSubject): Promise<void>;
}

/** 32 bytes that are told apart by a number. */
const bytes = (number: number): Uint8Array => new Uint8Array(32).fill(number);
const secretsOf = (found: Uint8Array): number[] => [...found];

const eventOf = (
  { now }: StoreSubject,
  action: AuditAction,
  about: Partial<AuditEvent> = {},
): AuditEvent => ({ at: now, action, result: "success", ...about });

const userIdOf = async ({ stores }: StoreSubject, username: string): Promise<string> => {
  const user = await stores.users.find(username);
  holds(user !== null, `${username} is one of the sample's people`);
  return user.id;
};

const newSession = (subject: StoreSubject, userId: string): NewSession => ({
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
  authTime: subject.now,
});

const beginSession = async (
  subject: StoreSubject,
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

const readSession = async ({ stores }: StoreSubject, id: string): Promise<FoundSession> => {
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

const promise = (name: string, run: StorePromise["run"]): StorePromise => ({ name, run });

const ofSessions = [
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
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, async (_, index) =>
          subject.stores.sessions.apply(
            found.row,
            found.version,
            index % 2 === 0
              ? { rotation: rotationOf(found.row, subject.now) }
              : { end: { at: subject.now, reason: "reuse" } },
          ),
        ),
      );
      same(outcomes.filter((outcome) => outcome === "applied").length, 1, "those carried out");
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
    for (let times = 0; times < 3; times += 1)
      same(
        await subject.stores.sessions.apply(found.row, found.version, { auditOnce }),
        "applied",
        "the outcome",
      );
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
      same(
        await subject.stores.sessions.endOfUser(
          first.row.userId,
          "signedOutEverywhere",
          eventOf(subject, "session.signOutEverywhere"),
        ),
        others.length,
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
];

const ofUsers = [
  promise(
    "rights are those of the roles and of the grants, and a grant raises the epoch",
    async (subject) => {
      const { stores, now } = subject;
      const id = await userIdOf(subject, "nora");
      const before = await stores.users.readRights(id);
      const change = {
        add: true,
        subject: { username: "nora" },
        section: "finance",
        at: now,
      } as const;
      same(await stores.grants.change(change), "changed", "the grant");
      same(await stores.grants.change(change), "unchanged", "the same once more");
      const after = await stores.users.readRights(id);
      same(after?.sections, ["finance"], "the sections");
      holds((after?.user.epoch ?? 0) > (before?.user.epoch ?? 0), "the epoch has risen");
      same(await stores.grants.change({ ...change, add: false }), "changed", "taken away");
      same((await stores.users.readRights(id))?.sections, [], "none is left");
      same(
        [
          await stores.grants.change({ ...change, subject: { username: "nobody" } }),
          await stores.grants.change({ ...change, section: "nowhere" }),
        ],
        ["noSubject", "noSection"],
        "of whom and what there is not",
      );
    },
  ),
  promise(
    "a setup token makes one admin where there is none, however many ask at once",
    async (subject) => {
      const { stores, now } = subject;
      const tokenHash = bytes(7);
      await stores.oneUseTokens.add({
        tokenHash,
        purpose: "setup",
        createdAt: now,
        expiresAt: now + 1_000,
      });
      const add = (name: string, hash: Uint8Array | null = tokenHash) =>
        stores.users.addAdmin(
          {
            id: subject.newId("usr"),
            username: name,
            usernameKey: name,
            email: `${name}@example.com`,
            emailKey: `${name}@example.com`,
            displayName: name,
            passwordHash: null,
            createdAt: now,
          },
          hash,
          eventOf(subject, "user.createAdmin"),
        );
      same(await add("first"), "adminExists", "while there is an admin");
      await subject.deactivate("mica");
      same(await stores.users.hasAdmin(), false, "nobody else is one");
      same(await add("first", bytes(8)), "tokenInvalid", "another token");
      same(await add("mike"), "nameTaken", "a name that is taken");
      const outcomes = await Promise.all(["one", "two", "three"].map((name) => add(name)));
      same(outcomes.filter((outcome) => outcome === "added").length, 1, "how many were made");
      same(await stores.oneUseTokens.isUsable(tokenHash, now), false, "the token is used up");
      holds(await stores.users.hasAdmin(), "there is an admin");
      same(await add("of the tool", null), "added", "the tool needs no token");
    },
  ),
  promise("a one-use token works until it expires", async (subject) => {
    const { oneUseTokens } = subject.stores;
    const token = {
      purpose: "setup",
      createdAt: subject.now,
      expiresAt: subject.now + 10,
    } as const;
    await oneUseTokens.add({ ...token, tokenHash: bytes(9) });
    same(
      [
        await oneUseTokens.isUsable(bytes(9), subject.now + 9),
        await oneUseTokens.isUsable(bytes(9), subject.now + 10),
        await oneUseTokens.isUsable(bytes(10), subject.now),
      ],
      [true, false, false],
      "what is usable",
    );
  }),
  promise("notices are their owner's, oldest first, and so many at most", async (subject) => {
    const { stores, now } = subject;
    const { row, version } = await beginSession(subject);
    for (let index = 0; index < 25; index += 1)
      await stores.sessions.apply(row, version, {
        notice: {
          userId: row.userId,
          kind: "refreshTokenReused",
          at: now + index,
          data: { index: String(index) },
        },
      });
    const open = await stores.notices.listOpen(row.userId);
    same(
      open.map(({ data }) => data["index"]),
      Array.from({ length: 20 }, (_, index) => String(index + 5)),
      "the last twenty",
    );
    const first = open[0]?.id ?? "";
    await stores.notices.dismiss(await userIdOf(subject, "nora"), first, now);
    same((await stores.notices.listOpen(row.userId)).length, 20, "nobody else dismisses one");
    await stores.notices.dismiss(row.userId, first, now);
    same((await stores.notices.listOpen(row.userId)).length, 19, "its owner does");
  }),
];

const ofContent = [
  promise(
    "sections are listed in order, page by page, to whom they are granted",
    async ({ stores }) => {
      const all = await stores.sections.list(["_all_"], null, 1_000);
      const pages: string[] = [];
      let last: (typeof all)[number] | null = null;
      do {
        const page: typeof all = await stores.sections.list(["_all_"], last, 2);
        pages.push(...page.map(({ slug }) => slug));
        last = page.at(-1) ?? null;
      } while (last !== null);
      same(
        pages,
        all.map(({ slug }) => slug),
        "page by page",
      );
      const visible = await stores.sections.listLinks(["finance"]);
      holds(
        visible.every(({ slug, visibility }) => slug === "finance" || visibility === "public"),
        "no other section is shown",
      );
      same(await stores.sections.readVisibility("nowhere"), null, "one that there is not");
    },
  ),
  promise(
    "sections are written whole where what was found still holds, and not at all otherwise",
    async (subject) => {
      const { sections } = subject.stores;
      const found = await sections.find(["marketing", "new"], []);
      const stored = found.sections.get("marketing");
      holds(stored !== undefined && !found.sections.has("new"), "what is found is what there is");
      const change = (title: string) => ({
        at: subject.now,
        isNew: false,
        stored: { ...stored, section: { ...stored.section, title } },
        audit: eventOf(subject, "section.replace", { subjectId: stored.section.id }),
      });
      const outcomes = await Promise.all(
        ["One", "Two"].map((title) => sections.apply(found.version, [change(title)])),
      );
      same(outcomes.toSorted(), ["applied", "changed"], "two on one version");
      same(await subject.countEvents("section.replace"), 1, "events");
      const title = (await sections.read("marketing"))?.section.title;
      holds(title === "One" || title === "Two", "one of them is written");
    },
  ),
  promise(
    "a dataset is added once, changed as it was read, and kept while panels read it",
    async (subject) => {
      const { datasets } = subject.stores;
      const dataset = {
        id: subject.newId("dat"),
        name: "visits",
        title: "Visits",
        attribution: null,
        columns: [{ name: "day", label: "Day", type: "date" as const }],
        rowCount: 0,
        version: 1,
        updatedAt: subject.now,
      };
      const added = eventOf(subject, "dataset.create");
      same(await datasets.add(dataset, added), "added", "at first");
      same(
        await datasets.add({ ...dataset, id: subject.newId("dat") }, added),
        "nameTaken",
        "the same name",
      );
      const found = await datasets.find("visits");
      holds(found !== null, "it is found");
      same(found, dataset, "as it was added");
      const { columns, attribution, version } = found;
      const change = (title: string) => ({ title, columns, attribution, version });
      const changed = eventOf(subject, "dataset.change");
      same(await datasets.apply(found, change("Guests"), changed), "applied", "a change");
      same(await datasets.apply(found, change("Callers"), changed), "changed", "on what it was");
      const now = await datasets.find("visits");
      holds(now?.title === "Guests", "the first holds");
      same(await datasets.remove(now, eventOf(subject, "dataset.delete")), "applied", "removed");
      same(await datasets.find("visits"), null, "it is gone");
      const read = (await datasets.list("", 1_000)).find(({ name }) => name === "movies");
      holds(read !== undefined, "the sample has movies");
      const outcome = await datasets.remove(read, eventOf(subject, "dataset.delete"));
      holds(typeof outcome === "object" && outcome.readBy.length > 0, "panels read it");
    },
  ),
  promise(
    "signing keys come in the order in which they sign, and leave when they were removed",
    async (subject) => {
      const { signingKeys } = subject.stores;
      const key = (kid: string, activatesAt: number) => ({
        kid,
        use: "bearer" as const,
        algorithm: "EdDSA",
        publicJwk: { kty: "OKP" },
        encryptedPrivateJwk: bytes(4),
        masterSecretId: "one",
        createdAt: subject.now,
        activatesAt,
        removedAt: null,
      });
      // Long after the installation's own.
      const late = subject.now * 2;
      await signingKeys.change({
        add: [key("b", late + 2), key("a", late + 1)],
        update: [],
        removedBefore: 0,
      });
      const own = async () =>
        (await signingKeys.list()).filter(({ activatesAt }) => activatesAt > late);
      same(
        (await own()).map(({ kid }) => kid),
        ["a", "b"],
        "in order",
      );
      await signingKeys.change({
        add: [],
        update: [{ ...key("a", late + 1), removedAt: 5 }],
        removedBefore: 6,
      });
      same(
        (await own()).map(({ kid }) => kid),
        ["b"],
        "what is left",
      );
    },
  ),
  promise(
    "the audit trail is purged from its old end, up to a moment and no further",
    async (subject) => {
      const { audit } = subject.stores;
      for (let index = 0; index < 5; index += 1)
        await audit.add(eventOf(subject, "access.denied", { at: index }));
      same(await audit.purge(3), 3, "how many");
      same(await subject.countEvents("access.denied"), 2, "what is left");
    },
  ),
  promise(
    "a change is noticed by its mark, and what has not changed leaves it",
    async (subject) => {
      const { changes, grants } = subject.stores;
      const before = await changes.readMark();
      same(await changes.readMark(), before, "while nothing happens");
      await grants.change({
        add: true,
        subject: { username: "nora" },
        section: "finance",
        at: subject.now,
      });
      holds((await changes.readMark()) !== before, "after a change");
    },
  ),
];

export const storePromises: readonly StorePromise[] = [...ofSessions, ...ofUsers, ...ofContent];
