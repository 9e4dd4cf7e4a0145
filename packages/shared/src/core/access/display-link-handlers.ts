import type {
  DisplayLink as ToldLink,
  displayLinkEndpoints,
} from "../../contract/display-links.ts";
import { recordOf, type Handlers } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { decodeCursor, pageOf } from "../answering/list-pages.ts";
import { applyDecision } from "../apply-decision.ts";
import type { Awaitable } from "../awaitable.ts";
import type { AuditEvent } from "../audit/audit-store.ts";
import type { Chance, Digests } from "../ports.ts";
import type { UserStore } from "../users/user-store.ts";
import { readActor, type Actor } from "./acting.ts";
import { requireRights } from "./decide-rights-change.ts";
import type { DisplayLink, DisplayLinkStore } from "./display-link-store.ts";
import { displayTokenOf, rightsOfLink, type Displays } from "./displays.ts";

interface Dependencies {
  readonly stores: {
    readonly displayLinks: DisplayLinkStore;
    readonly sections: { readSettings(slug: string): Awaitable<{ readonly id: string } | null> };
    readonly users: Pick<UserStore, "readRights">;
  };
  readonly displays: Displays;
  readonly chance: Pick<Chance, "newId" | "secret">;
  readonly digests: Pick<Digests, "hash">;
  /** Of the SPA that links lead to. */
  readonly webUrl: string;
  readonly now: () => number;
}

const longestLife = 366 * 24 * 60 * 60 * 1_000;

const isPlace = (place: readonly unknown[]): place is readonly [createdAt: number, id: string] =>
  place.length === 2 && Number.isSafeInteger(place[0]) && typeof place[1] === "string";

const isoOf = (at: number): string => new Date(at).toISOString();

const refuse = (member: string, code: string, detail: string): AppError =>
  new AppError("validation_failed", {
    detail,
    errors: [{ pointer: `/${member}`, code, detail }],
  });

const expectActor = ({ id, epoch }: Actor) => ({ users: [{ id, epoch }], roles: [] });

/** The handlers of display links. They take as decided that the caller has the permission. */
export const createDisplayLinkHandlers = ({
  stores: { displayLinks, sections, users },
  displays,
  chance,
  digests,
  webUrl,
  now,
}: Dependencies): Pick<Handlers, keyof typeof displayLinkEndpoints> => {
  const describe = async (link: DisplayLink): Promise<ToldLink> => ({
    id: link.id,
    name: link.name,
    section: link.section,
    title: link.title,
    madeBy: { ...link.madeBy },
    createdAt: isoOf(link.createdAt),
    expiresAt: isoOf(link.expiresAt),
    lastSeenAt: link.lastSeenAt === null ? null : isoOf(link.lastSeenAt),
    works: await displays.works(link),
  });
  /** The subject is the section, so that its history tells of it. */
  const eventOf = (
    action: "displayLink.end" | "displayLink.make",
    sectionId: string,
    { id, name, expiresAt }: Pick<DisplayLink, "id" | "name" | "expiresAt">,
    record: ReturnType<typeof recordOf>,
  ): AuditEvent => ({
    ...record,
    at: now(),
    action,
    result: "success",
    subjectType: "section",
    subjectId: sectionId,
    detail: { displayLinkId: id, name, expiresAt: isoOf(expiresAt) },
  });

  return {
    "GET /display-links": async ({ query: { section, limit, cursor }, ok }) => {
      const place = cursor === undefined ? null : decodeCursor(cursor, isPlace);
      const found = await displayLinks.list(section ?? null, place, limit + 1);
      const { items, nextCursor, headers } = pageOf(
        found,
        limit,
        ({ createdAt, id }) => [createdAt, id],
        { ...(section !== undefined && { section }) },
      );
      return ok(200, { items: await Promise.all(items.map(describe)), nextCursor }, { headers });
    },

    "POST /display-links": async ({ body: { section, name, expiresAt }, context, ok }) => {
      const at = now();
      const end = Date.parse(expiresAt);
      const token = displayTokenOf(chance.secret());
      const link = { id: chance.newId("dsp"), name, section, createdAt: at, expiresAt: end };
      await applyDecision(
        async () => {
          const actor = await readActor(users, context);
          return { actor, found: await sections.readSettings(section) };
        },
        ({ actor, found }) => {
          // First, so that nobody learns whether there is a section that they may not show.
          requireRights(actor, { gives: [rightsOfLink(link)] });
          if (found === null)
            throw refuse("section", "unknown_section", "There is no section of this address.");
          if (end <= at) throw refuse("expiresAt", "past", "This must be in the future.");
          if (end > at + longestLife)
            throw refuse("expiresAt", "too_late", "This must be within a year.");
          return eventOf("displayLink.make", found.id, link, recordOf(context));
        },
        ({ actor }, audit) =>
          displayLinks.add(
            { ...link, tokenHash: digests.hash(token), madeBy: actor.id },
            expectActor(actor),
            audit,
          ),
      );
      const made = await displayLinks.read(link.id);
      if (made === null) throw new AppError("busy", { retryAfterSeconds: 1 });
      return ok(201, { ...(await describe(made)), link: `${webUrl}/display#${token}` });
    },

    "DELETE /display-links/:displayLinkId": async ({
      params: { displayLinkId: id },
      context,
      ok,
    }) => {
      await applyDecision(
        async () => ({
          actor: await readActor(users, context),
          link: await displayLinks.read(id),
        }),
        ({ actor, link }) => {
          if (link === null)
            throw new AppError("not_found", { detail: "There is no display link of this id." });
          requireRights(actor, { actsOn: [rightsOfLink(link)] });
          return eventOf("displayLink.end", link.sectionId, link, recordOf(context));
        },
        ({ actor }, audit) => displayLinks.remove(id, expectActor(actor), audit),
      );
      return ok(204, null);
    },

    "GET /display": async ({ context, ok }) => {
      const link = context.display && (await displayLinks.read(context.display.displayLinkId));
      if (!link) throw new AppError("not_found", { detail: "Only a display link shows anything." });
      const { id, name, section, title, expiresAt } = link;
      return ok(200, { id, name, section, title, expiresAt: isoOf(expiresAt) });
    },
  };
};
