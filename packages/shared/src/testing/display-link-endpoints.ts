import type { Session } from "../contract/contract.ts";
import type { DisplayLink, displayLinkEndpoints } from "../contract/display-links.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable, Prepared } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import { listen } from "./listen.ts";
import { signInToAdminister } from "./orders.ts";
import { day, minute, second, signIn } from "./steps.ts";
import type { Subject } from "./subject.ts";

const noLink = { displayLinkId: `dsp_${"A".repeat(22)}` };

/** So many milliseconds after somebody signed in, to the second, by the server's clock. */
const endAfter = ({ accessExpiresAt, expiresIn }: Session, milliseconds: number): string =>
  new Date(
    Math.floor((Date.parse(accessExpiresAt) - expiresIn * 1000 + milliseconds) / 1000) * 1000,
  )
    .toISOString()
    .replace(".000Z", "Z");

const bodyOf = (as: Session, more: object = {}): object => ({
  section: "operations",
  name: "Lobby",
  expiresAt: endAfter(as, day),
  ...more,
});

const make = async (
  subject: Subject,
  as: Session,
  more: object = {},
): Promise<DisplayLink & { readonly token: string }> => {
  const body = bodyOf(as, more);
  const made = (await expectOutcome(subject, 201, "POST /display-links", { body }, as))
    .body as DisplayLink & { readonly link: string };
  const { link, ...rest } = made;
  const [address, token = ""] = link.split("#");
  holds(address?.endsWith("/display") === true, "the link opens the page of displays");
  holds(/^sp_dsp_[A-Za-z0-9_-]{43}$/.test(token), `the token has 256 bits: ${token}`);
  return { ...rest, token };
};

/** A wall screen: nobody is signed in on it. */
const screenOf = (token: string): Session =>
  ({ accessToken: token, session: { id: null } }) as unknown as Session;

const showSection = (slug: string): Input => ({ params: { slug }, query: { include: "data" } });

const listLinks = async (
  subject: Subject,
  as: Session,
  query: Input["query"] = {},
): Promise<{ readonly items: readonly DisplayLink[]; readonly nextCursor: string | null }> =>
  (await expectOutcome(subject, 200, "GET /display-links", { query }, as)).body as {
    items: DisplayLink[];
    nextCursor: string | null;
  };

/** nora, who may change grants and nothing else, and sees finance. */
const signInLimited = async (subject: Subject): Promise<Session> => {
  await subject.arrange({ kind: "permissionGiven", person: "nora", permission: "grants:write" });
  await subject.arrange({ kind: "grantGiven", person: "nora", section: "finance" });
  return signIn(subject, "nora");
};

const prepareLink = async (subject: Subject, mica: Session): Promise<Prepared> => ({
  request: { params: { displayLinkId: (await make(subject, mica)).id } },
});

export const displayLinkBehaviours: Pick<BehaviourTable, keyof typeof displayLinkEndpoints> = {
  "GET /display-links": {
    request: { query: { section: "operations", limit: 5 } },
    wrong: { query: { limit: 0 }, pointer: "/query/limit" },
    succeeds: {
      200: {
        name: "lists links without their tokens, the newest first, in pages, and says which of them work",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { token: _, ...first } = await make(subject, mica, {
            expiresAt: endAfter(mica, minute),
          });
          await subject.advanceClock(second);
          const { token, ...last } = await make(subject, mica, { section: "people" });
          same((await listLinks(subject, mica)).items, [last, first], "both");
          same((await listLinks(subject, mica, { section: "people" })).items, [last], "of one");
          const page = await listLinks(subject, mica, { limit: 1 });
          const rest = await listLinks(subject, mica, { limit: 1, cursor: page.nextCursor ?? "" });
          same([...page.items, ...rest.items], [last, first], "in two pages");
          await expectOutcome(subject, 200, "GET /display", {}, screenOf(token));
          await subject.advanceClock(minute);
          const again = await signInToAdminister(subject);
          const { items } = await listLinks(subject, again);
          same(
            items.map(({ works, lastSeenAt }) => [works, lastSeenAt !== null]),
            [
              [true, true],
              [false, false],
            ],
            "which work, and which have been seen",
          );
        },
      },
    },
    fails: {},
  },
  "POST /display-links": {
    request: {
      body: { section: "operations", name: "Lobby", expiresAt: "2027-05-31T17:00:00Z" },
    },
    another: { body: { section: "people", name: "Lobby", expiresAt: "2027-05-31T17:00:00Z" } },
    prepare: async (_, mica) => ({
      request: { body: bodyOf(mica) },
      another: { body: bodyOf(mica, { section: "people" }) },
    }),
    wrong: {
      body: { section: "operations", name: "Lobby", expiresAt: "soon" },
      pointer: "/expiresAt",
    },
    succeeds: {
      201: {
        name: "makes a link that shows its section and nothing else, live, until its end",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { token, expiresAt, id } = await make(subject, mica);
          const screen = screenOf(token);
          const shown = { id, name: "Lobby", section: "operations", title: "Operations" };
          same(
            (await expectOutcome(subject, 200, "GET /display", {}, screen)).body,
            { ...shown, expiresAt },
            "what it shows",
          );
          const { body } = await expectOutcome(
            subject,
            200,
            "GET /sections/:slug",
            showSection("operations"),
            screen,
          );
          const { panels } = body as {
            readonly panels: readonly { readonly id: string; readonly data?: unknown }[];
          };
          const withData = panels.find(({ data }) => data !== undefined);
          holds(withData !== undefined, "there is a panel with data");
          const params = { slug: "operations", panelId: withData.id };
          const dataKey = "GET /sections/:slug/panels/:panelId/data";
          await expectOutcome(subject, 200, dataKey, { params }, screen);
          for (const slug of ["finance", "nowhere"])
            await expectOutcome(
              subject,
              "section_forbidden",
              "GET /sections/:slug",
              showSection(slug),
              screen,
            );
          for (const key of ["GET /session", "GET /sections", "GET /users"] as const)
            await expectOutcome(subject, "token_invalid", key, {}, screen);
          await expectOutcome(
            subject,
            "token_invalid",
            "DELETE /display-links/:displayLinkId",
            { params: { displayLinkId: id } },
            screen,
          );
          const listener = await listen(subject, screen);
          const settings = { params: { slug: "operations" }, headers: { "if-match": "*" } };
          await expectOutcome(
            subject,
            200,
            "PATCH /sections/:slug",
            { ...settings, body: { title: "Doings" } },
            mica,
          );
          await subject.advanceClock(second);
          same(
            await listener.next(),
            { event: "sections", data: { slugs: ["operations"], list: true } },
            "what the screen is told",
          );
          await subject.advanceClock(day);
          same(await listener.next(), { event: "ended", data: {} }, "what it is told at the end");
          await expectOutcome(
            subject,
            "token_invalid",
            "GET /sections/:slug",
            showSection("operations"),
            screen,
          );
          const pointers = async (more: object): Promise<unknown> => {
            const again = await signInToAdminister(subject);
            const { problem } = await expectOutcome(
              subject,
              "validation_failed",
              "POST /display-links",
              { body: bodyOf(again, { expiresAt: endAfter(again, day), ...more }) },
              again,
            );
            return problem?.errors?.map(({ pointer, code }) => [pointer, code]);
          };
          same(
            [
              await pointers({ section: "nowhere" }),
              await pointers({ expiresAt: endAfter(mica, -minute) }),
              await pointers({ expiresAt: endAfter(mica, 400 * day) }),
            ],
            [
              [["/section", "unknown_section"]],
              [["/expiresAt", "past"]],
              [["/expiresAt", "too_late"]],
            ],
            "what is wrong with others",
          );
        },
      },
    },
    fails: {
      rights_exceeded: {
        name: "lets nobody show a section that they have not, and none shows what its maker has lost",
        run: async (subject) => {
          const nora = await signInLimited(subject);
          const body = bodyOf(nora);
          await expectOutcome(subject, "rights_exceeded", "POST /display-links", { body }, nora);
          const { token } = await make(subject, nora, { section: "finance" });
          const screen = screenOf(token);
          const finance = showSection("finance");
          await expectOutcome(subject, 200, "GET /sections/:slug", finance, screen);
          const listener = await listen(subject, screen);
          await subject.arrange({ kind: "grantTaken", person: "nora", section: "finance" });
          await subject.advanceClock(second);
          same(await listener.next(), { event: "ended", data: {} }, "what the screen is told");
          await expectOutcome(subject, "token_invalid", "GET /sections/:slug", finance, screen);
        },
      },
    },
  },
  "DELETE /display-links/:displayLinkId": {
    request: { params: noLink },
    prepare: prepareLink,
    wrong: { params: { displayLinkId: "usr_a" }, pointer: "/params/displayLinkId" },
    succeeds: {
      204: {
        name: "ends a link at once, for open screens too",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { token, id } = await make(subject, mica);
          const screen = screenOf(token);
          const listener = await listen(subject, screen);
          const params = { displayLinkId: id };
          await expectOutcome(
            subject,
            204,
            "DELETE /display-links/:displayLinkId",
            { params },
            mica,
          );
          await expectOutcome(subject, "token_invalid", "GET /display", {}, screen);
          await subject.advanceClock(second);
          same(await listener.next(), { event: "ended", data: {} }, "what the screen is told");
          same((await listLinks(subject, mica)).items, [], "what is left");
        },
      },
    },
    fails: {
      not_found: {
        name: "knows none of another id",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const key = "DELETE /display-links/:displayLinkId";
          await expectOutcome(subject, "not_found", key, { params: noLink }, mica);
        },
      },
      rights_exceeded: {
        name: "lets nobody end what shows a section that they have not",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const params = { displayLinkId: (await make(subject, mica)).id };
          const key = "DELETE /display-links/:displayLinkId";
          const nora = await signInLimited(subject);
          await expectOutcome(subject, "rights_exceeded", key, { params }, nora);
        },
      },
    },
  },
  "GET /display": {
    request: {},
    succeeds: {
      200: {
        name: "tells a screen its section by its name of now",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { token } = await make(subject, mica);
          await expectOutcome(
            subject,
            200,
            "PATCH /sections/:slug",
            {
              params: { slug: "operations" },
              headers: { "if-match": "*" },
              body: { slug: "doings" },
            },
            mica,
          );
          const { body } = await expectOutcome(subject, 200, "GET /display", {}, screenOf(token));
          same((body as { section: string }).section, "doings", "the section");
        },
      },
    },
    fails: {
      not_found: {
        name: "has nothing for somebody who is signed in",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          await expectOutcome(subject, "not_found", "GET /display", {}, mica);
        },
      },
    },
  },
};
