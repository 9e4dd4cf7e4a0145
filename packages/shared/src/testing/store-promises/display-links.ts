import type { NewDisplayLink } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import {
  areBusy,
  asTheyAre,
  bytes,
  eventOf,
  promisesOn,
  userIdOf,
  type StoreSubject,
} from "./promise.ts";

type Domains = "displayLinks" | "users";
type Subject = StoreSubject<Domains>;
const { promise, promiseOfDatabases } = promisesOn<Domains>();

const hour = 3_600_000;

const newLink = async (
  subject: Subject,
  id: string,
  number: number,
  about: Partial<NewDisplayLink> = {},
): Promise<NewDisplayLink> => ({
  id,
  name: "Lobby",
  section: "finance",
  tokenHash: bytes(number),
  madeBy: await userIdOf(subject, "mica"),
  createdAt: subject.now,
  expiresAt: subject.now + hour,
  ...about,
});

export const ofDisplayLinks = [
  promise("a link is found by its token alone, until it is removed", async (subject) => {
    const { displayLinks } = subject.stores;
    const { now } = subject;
    const made = eventOf(subject, "displayLink.make");
    const first = await newLink(subject, "dsp_1", 1);
    const second = await newLink(subject, "dsp_2", 2, { section: "people", createdAt: now + 1 });
    same(await displayLinks.add(first, asTheyAre, made), "applied", "the first");
    same(await displayLinks.add(second, asTheyAre, made), "applied", "the second");
    const nowhere = await newLink(subject, "dsp_3", 3, { section: "nowhere" });
    same(await displayLinks.add(nowhere, asTheyAre, made), "changed", "of no section");
    const stale = { users: [{ id: first.madeBy, epoch: -1 }], roles: [] };
    const other = await newLink(subject, "dsp_3", 3);
    same(await displayLinks.add(other, stale, made), "changed", "of other rights");
    same(await subject.countEvents("displayLink.make"), 2, "events");
    const found = await displayLinks.findByToken(bytes(1));
    same(
      [found?.id, found?.section, found?.title, found?.madeBy.username, found?.lastSeenAt],
      ["dsp_1", "finance", "Finance", "mica", null],
      "the first by its token",
    );
    same(await displayLinks.read("dsp_1"), found, "the same by its id");
    same(await displayLinks.findByToken(bytes(9)), null, "of no token");
    const ids = async (...given: Parameters<typeof displayLinks.list>) =>
      (await displayLinks.list(...given)).map(({ id }) => id);
    same(await ids(null, null, 10), ["dsp_2", "dsp_1"], "all, the newest first");
    same(await ids("people", null, 10), ["dsp_2"], "of one section");
    same(await ids(null, [now + 1, "dsp_2"], 10), ["dsp_1"], "the next page");
    await displayLinks.noteSeen("dsp_1", now + 5);
    same((await displayLinks.read("dsp_1"))?.lastSeenAt, now + 5, "seen");
    const end = eventOf(subject, "displayLink.end");
    same(await displayLinks.remove("dsp_1", stale, end), "changed", "by other rights");
    same(await displayLinks.remove("dsp_1", asTheyAre, end), "applied", "removed");
    same(await displayLinks.remove("dsp_1", asTheyAre, end), "changed", "once more");
    same(await displayLinks.findByToken(bytes(1)), null, "what is left of it");
    same(await displayLinks.purge(now + hour), 0, "purged too soon");
    same(await displayLinks.purge(now + hour + 1), 1, "purged");
    holds((await displayLinks.list(null, null, 10)).length === 0, "none is left");
  }),
  promiseOfDatabases("what cannot be written now is busy", async (subject, database) => {
    const { displayLinks } = subject.stores;
    const audit = eventOf(subject, "displayLink.make");
    const link = await newLink(subject, "dsp_1", 1);
    same(await displayLinks.add(link, asTheyAre, audit), "applied", "the link");
    const another = await newLink(subject, "dsp_2", 2);
    await areBusy(database, {
      add: () => displayLinks.add(another, asTheyAre, audit),
      remove: () => displayLinks.remove("dsp_1", asTheyAre, audit),
    });
  }),
];
