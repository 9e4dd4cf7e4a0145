import { askedOfNothing, type AccessRequest, type AskingWrites } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import {
  areBusy,
  asTheyAre,
  countOutcomes,
  eventOf,
  giveGrant,
  promisesOn,
  userIdOf,
  type StoreSubject,
} from "./promise.ts";

type Domains = "accessRequests" | "grants" | "users";
type Subject = StoreSubject<Domains>;
const { promise, promiseOfDatabases } = promisesOn<Domains>();

const everything = { sections: null, isDescending: false, after: null, limit: 100 } as const;

/** A request of somebody's as a decision makes it, whatever they have asked for so far. */
const make = async (
  subject: Subject,
  person: string,
  askedFor: string,
  about: Partial<AccessRequest> & { readonly id: string },
): Promise<AccessRequest> => {
  const { accessRequests } = subject.stores;
  const userId = await userIdOf(subject, person);
  const { version, section } = await accessRequests.find(userId, askedFor);
  const request: AccessRequest = {
    userId,
    askedFor,
    sectionId: section?.id ?? null,
    note: "a note",
    askedAt: subject.now,
    answeredAt: section === null ? subject.now + 1_000 : null,
    ...about,
  };
  const writes = {
    remove: [],
    add: request,
    note: null,
    audit: eventOf(subject, "accessRequest.make"),
  };
  same(await accessRequests.ask(userId, askedFor, version, writes), "applied", "the request");
  return request;
};

const idsOf = async (
  { stores }: Subject,
  listing: Partial<Parameters<Subject["stores"]["accessRequests"]["list"]>[0]> = {},
) => (await stores.accessRequests.list({ ...everything, ...listing })).requests.map(({ id }) => id);

export const ofAccessRequests = [
  promise(
    "somebody's requests are written on what they have asked for so far, with their event",
    async (subject) => {
      const { accessRequests } = subject.stores;
      const userId = await userIdOf(subject, "nora");
      const before = await accessRequests.find(userId, "finance");
      same([before.section?.slug, before.requests], ["finance", []], "at first");
      const first = await make(subject, "nora", "finance", { id: "acr_1" });
      const none = await make(subject, "nora", "nowhere", {
        id: "acr_2",
        askedAt: subject.now + 1,
      });
      same(await accessRequests.readOf(userId), [first, none], "both, the oldest first");
      same(await subject.countEvents("accessRequest.make"), 2, "events");
      const audit = eventOf(subject, "accessRequest.make");
      const nothing: AskingWrites = { remove: [], add: null, note: null, audit };
      same(
        await accessRequests.ask(userId, "finance", before.version, nothing),
        "changed",
        "on what was before",
      );
      const { version } = await accessRequests.find(userId, "finance");
      const note = { id: "acr_1", note: "another" };
      same(
        await accessRequests.ask(userId, "finance", version, {
          ...nothing,
          remove: ["acr_2"],
          note,
        }),
        "applied",
        "a note",
      );
      same(await accessRequests.readOf(userId), [{ ...first, note: "another" }], "what is left");
      const counted = await accessRequests.find(userId, "people");
      same(
        await countOutcomes(subject, 4, (stores, index) =>
          stores.accessRequests.ask(userId, "people", counted.version, {
            ...nothing,
            add: { ...first, id: `acr_9${index}`, askedFor: "people" },
          }),
        ),
        { applied: 1, changed: 3 },
        "four at once",
      );
    },
  ),
  promise(
    "those wait that are open, of active users, for a section that they have no grant to",
    async (subject) => {
      const { accessRequests, grants } = subject.stores;
      const { now } = subject;
      const nora = await userIdOf(subject, "nora");
      await make(subject, "nora", "finance", { id: "acr_1" });
      await make(subject, "nora", "nowhere", { id: "acr_2" });
      await make(subject, "nora", "people", { id: "acr_3", askedAt: now + 1 });
      await make(subject, "mike", "people", { id: "acr_4", askedAt: now + 1 });
      // By his role he has it.
      await make(subject, "mike", "marketing", { id: "acr_5" });
      await make(subject, "frida", "people", { id: "acr_6", answeredAt: now });
      same(await idsOf(subject), ["acr_1", "acr_3", "acr_4"], "those that wait");
      same(
        await idsOf(subject, { isDescending: true, after: [now + 1, "acr_4"], limit: 1 }),
        ["acr_3"],
        "a page of them, the last first",
      );
      same(await idsOf(subject, { after: [now, "acr_1"] }), ["acr_3", "acr_4"], "the next page");
      const { total } = await accessRequests.list({
        ...everything,
        sections: ["people"],
        limit: 1,
      });
      same(total, 2, "how many of one section");
      const named = await accessRequests.read("acr_3");
      same(
        [named?.user.id, named?.user.username, named?.section, named?.title],
        [nora, "nora", "people", "People"],
        "one of them",
      );
      same(await accessRequests.read("acr_2"), null, "of what there is not");
      await giveGrant(grants, { userId: nora }, "people", now);
      await giveGrant(grants, { userId: nora }, "finance", now, now - 2_000);
      same(await idsOf(subject), ["acr_1", "acr_4"], "after a grant, and one that is over");
      await subject.deactivate("mike");
      same(await idsOf(subject), ["acr_1"], "after mike has gone");
    },
  ),
  promise("a request is answered once, alone or with the grant", async (subject) => {
    const { accessRequests, grants, users } = subject.stores;
    const { now } = subject;
    const userId = await userIdOf(subject, "nora");
    await make(subject, "nora", "finance", { id: "acr_1" });
    await make(subject, "nora", "people", { id: "acr_2" });
    const audit = eventOf(subject, "accessRequest.answer");
    const no = { requestId: "acr_1", at: now };
    const stale = { users: [{ id: userId, epoch: -1 }], roles: [] };
    same(await accessRequests.answer(stale, no, audit), "changed", "of other rights");
    same(await accessRequests.answer(asTheyAre, no, audit), "applied", "the answer");
    same(await accessRequests.answer(asTheyAre, no, audit), "changed", "another");
    const add = [
      { id: "grt_1", holder: { userId }, section: "people", expiresAt: null, createdAt: now },
    ];
    const grant = (requestId: string) =>
      grants.apply(asTheyAre, {
        remove: [],
        change: [],
        add,
        audit: [audit],
        answer: { requestId, at: now },
      });
    same(await grant("acr_1"), "changed", "a grant for one that is answered");
    same((await users.readRights(userId))?.sections, [], "nothing is granted");
    same(await grant("acr_2"), "applied", "a grant for one that is open");
    same((await users.readRights(userId))?.sections, ["people"], "it is granted");
    const own = await accessRequests.readOf(userId);
    same(
      own.map(({ answeredAt }) => answeredAt),
      [now, now],
      "both are answered",
    );
    same(await subject.countEvents("accessRequest.answer"), 2, "events");
    same(await accessRequests.purge({ answered: now, asked: now }), 0, "purged too soon");
    same(await accessRequests.purge({ answered: now + 1, asked: 0 }), 2, "purged");
    await make(subject, "nora", "finance", { id: "acr_3" });
    same(await accessRequests.purge({ answered: 0, asked: now + 1 }), 1, "purged, never answered");
    holds((await accessRequests.readOf(userId)).length === 0, "none is left");
  }),
  promiseOfDatabases(
    "a section that is deleted by hand leaves what was asked for, as of nothing",
    async (subject, database) => {
      const { accessRequests } = subject.stores;
      const userId = await userIdOf(subject, "nora");
      const open = await make(subject, "nora", "finance", { id: "acr_1" });
      const answered = await make(subject, "nora", "people", {
        id: "acr_2",
        askedAt: subject.now + 1,
        answeredAt: subject.now + 2,
      });
      await database.query("DELETE FROM sections WHERE slug IN ('finance', 'people')");
      same(
        await accessRequests.readOf(userId),
        [askedOfNothing(open), askedOfNothing(answered)],
        "what she has asked for",
      );
      same(await idsOf(subject), [], "what waits");
    },
  ),
  promiseOfDatabases("what cannot be written now is busy", async (subject, database) => {
    const { accessRequests } = subject.stores;
    const userId = await userIdOf(subject, "nora");
    const request = await make(subject, "nora", "finance", { id: "acr_1" });
    const { version } = await accessRequests.find(userId, "finance");
    const audit = eventOf(subject, "accessRequest.make");
    await areBusy(database, {
      ask: () =>
        accessRequests.ask(userId, "finance", version, {
          remove: [request.id],
          add: null,
          note: null,
          audit,
        }),
      answer: () =>
        accessRequests.answer(asTheyAre, { requestId: request.id, at: subject.now }, audit),
    });
  }),
];
