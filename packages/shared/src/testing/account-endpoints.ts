import type { accountEndpoints, Account } from "../contract/account.ts";
import type * as z from "zod";
import { contract, type Section, type Session } from "../contract/contract.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable, Shown } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { showBusy } from "./show-busy.ts";
import { signInToAdminister } from "./orders.ts";
import { logIn, signIn } from "./steps.ts";
import { passwordOf, type Subject } from "./subject.ts";

const whateverItIs = { "if-match": "*" };

const unchosen = { language: null, timeZone: null, startPage: null, colorScheme: null };

const readAccount = async (
  subject: Subject,
  session: Session,
): Promise<{ readonly account: Account; readonly tag: string }> => {
  const { body, headers } = await expectOutcome(subject, 200, "GET /account", {}, session);
  return { account: body as Account, tag: headers.get("etag") ?? "" };
};

const change = async (
  subject: Subject,
  session: Session,
  body: Input["body"],
  headers: Input["headers"] = whateverItIs,
): Promise<Account & Session> =>
  (await expectOutcome(subject, 200, "PATCH /account", { headers, body }, session))
    .body as Account & Session;

/** The time zones by which the panels of a section were read. */
const zonesOf = async (subject: Subject, session: Session): Promise<Set<string | undefined>> => {
  const { body } = await expectOutcome(
    subject,
    200,
    "GET /sections/:slug",
    { params: { slug: "marketing" }, query: { include: "data" } },
    session,
  );
  const read = (body as Section).panels.flatMap((panel) =>
    "data" in panel && panel.data ? [panel.data] : [],
  );
  holds(read.length > 0, "panels have data");
  return new Set(read.map(({ timeZone }) => timeZone));
};

/** What the file has. */
const readExport = async (
  subject: Subject,
  session: Session,
): Promise<z.output<(typeof accountEndpoints)["GET /account/export"]["responses"][200]>> => {
  const { body } = await expectOutcome(subject, 200, "GET /account/export", {}, session);
  const found: unknown = JSON.parse(body as string);
  const parsed = contract["GET /account/export"].responses[200].parse(found);
  same(found, parsed, "undeclared members of the file");
  return parsed;
};

export const accountBehaviours: Pick<BehaviourTable, keyof typeof accountEndpoints> = {
  "GET /account": {
    request: {},
    succeeds: {
      200: {
        name: "tells who one is, what one has chosen, and the version of it",
        run: async (subject) => {
          const mike = await signIn(subject, "mike");
          const { account, tag } = await readAccount(subject, mike);
          same(account, { ...mike.user, ...unchosen }, "the profile");
          holds(/^"[^"]+"$/.test(tag), "it has an entity tag");
        },
      },
    },
    fails: {},
  },

  "PATCH /account": {
    request: { headers: whateverItIs, body: { displayName: "Mike L." } },
    wrong: {
      headers: whateverItIs,
      body: { timeZone: "Mars/Olympus_Mons" },
      pointer: "/timeZone",
    },
    succeeds: {
      200: {
        name: "changes what is named, takes back what is null, and tells it with the session and to every later one",
        run: async (subject) => {
          const mike = await signIn(subject, "mike");
          const chosen = {
            language: "de-CH",
            timeZone: "Asia/Tokyo",
            startPage: "marketing",
            colorScheme: "dark",
          } as const;
          const zonesBefore = await zonesOf(subject, mike);
          const { tag } = await readAccount(subject, mike);
          const changed = await change(
            subject,
            mike,
            { displayName: " Mike L. ", ...chosen, language: "DE-ch" },
            { "if-match": tag },
          );
          includes(
            changed,
            { ...chosen, displayName: "Mike L.", status: "signedIn", preferences: chosen },
            "the answer",
          );
          same(changed.session.id, mike.session.id, "the session");
          const later = await signIn(subject, "mike");
          same(
            [later.user.displayName, later.preferences],
            ["Mike L.", chosen],
            "what a later session tells",
          );
          same(
            [...(await zonesOf(subject, later))],
            [...new Set([...zonesBefore].map((zone) => zone ?? "Asia/Tokyo"))],
            "the time zones of panels",
          );

          const less = await change(subject, mike, { timeZone: null, startPage: null });
          same(less.preferences, { language: "de-CH", colorScheme: "dark" }, "what is left");
          const none = await change(subject, mike, { language: null, colorScheme: null });
          same(none.preferences, undefined, "where nothing is chosen");
          same(
            (await readAccount(subject, mike)).account,
            { ...mike.user, displayName: "Mike L.", ...unchosen },
            "the profile",
          );
          same(
            (await signIn(subject, "nora")).preferences,
            undefined,
            "what somebody else has chosen",
          );
        },
      },
    },
    fails: {
      precondition_required: {
        name: "asks on which version the change was made",
        run: async (subject) => {
          const mike = await signIn(subject, "mike");
          const input = { body: { colorScheme: "dark" } };
          await expectOutcome(subject, "precondition_required", "PATCH /account", input, mike);
        },
      },
      precondition_failed: {
        name: "changes nothing that is no longer as it was read",
        run: async (subject) => {
          const mike = await signIn(subject, "mike");
          for (const body of [{ displayName: "Mike L." }, { timeZone: "Europe/Paris" }]) {
            const { tag } = await readAccount(subject, mike);
            await change(subject, mike, body);
            const input = { headers: { "if-match": tag }, body: { displayName: "Somebody" } };
            await expectOutcome(subject, "precondition_failed", "PATCH /account", input, mike);
            includes((await readAccount(subject, mike)).account, body, "the profile");
          }
        },
      },
      busy: showBusy("PATCH /account", async (subject) => ({
        as: await signIn(subject, "mike"),
        input: { headers: whateverItIs, body: { displayName: "Mike L." } },
      })),
    },
  },

  "GET /account/export": {
    request: {},
    succeeds: {
      200: {
        name: "gives all that is kept about oneself, and nothing of anybody else",
        run: async (subject) => {
          await signIn(subject, "nora");
          const mike = await signIn(subject, "mike");
          await change(subject, mike, { timeZone: "Europe/Paris" });
          await expectOutcome(
            subject,
            202,
            "POST /access-requests",
            { body: { section: "finance", note: "For Monday." } },
            mike,
          );
          const all = await readExport(subject, mike);
          includes(all.user, { id: mike.user.id, username: "mike" }, "the user");
          same(
            [
              all.preferences,
              all.grants.map(({ section, role }) => [section, role?.name]),
              all.sessions.map(({ id, current }) => [id, current]),
              all.accessRequests.map(({ section, note }) => [section, note]),
              [...new Set(all.auditEvents.map(({ actor }) => actor?.id))],
              all.auditEvents.map(({ action }) => action),
            ],
            [
              { timeZone: "Europe/Paris" },
              [["marketing", "marketing"]],
              [[mike.session.id, true]],
              [["finance", "For Monday."]],
              [mike.user.id],
              ["accessRequest.make", "user.change", "session.signIn"],
            ],
            "what is kept",
          );
          same(
            (await readExport(subject, mike)).auditEvents[0]?.action,
            "account.export",
            "the event of the first export",
          );
        },
      },
    },
    fails: {},
  },

  "DELETE /account": {
    request: {},
    succeeds: {
      204: {
        name: "deletes the account with its sessions, and gives its name to nobody",
        run: async (subject) => {
          const [mike, elsewhere] = [await signIn(subject, "mike"), await signIn(subject, "mike")];
          await expectOutcome(subject, 204, "DELETE /account", {}, mike);
          for (const session of [mike, elsewhere])
            await expectOutcome(subject, "session_ended", "GET /session", {}, session);
          await logIn(subject, "invalid_credentials", "mike", passwordOf("mike"));
          const mica = await signInToAdminister(subject);
          await expectOutcome(
            subject,
            "name_taken",
            "POST /users",
            { body: { username: "mike", displayName: "Another Mike" } },
            mica,
          );
        },
      },
    },
    fails: {
      last_admin: {
        name: "leaves an admin, and says why",
        run: async (subject) => {
          const mica = await signIn(subject, "mica");
          await expectOutcome(subject, "last_admin", "DELETE /account", {}, mica);
          await expectOutcome(subject, 200, "GET /session", {}, mica);
        },
      },
      busy: showBusy("DELETE /account", async (subject) => ({
        as: await signIn(subject, "mike"),
        input: {},
      })),
    },
  },
};

/** What no schema can say of it. */
export const profileBehaviours: readonly Shown[] = [
  {
    name: "refuses what is no language and no time zone, and a start page that one may not open, whether it exists or not",
    run: async (subject) => {
      const mike = await signIn(subject, "mike");
      const details = new Set<string | undefined>();
      for (const body of [
        { language: "tlh" },
        { language: "not a language" },
        { timeZone: "+01:00" },
        { startPage: "finance" },
        { startPage: "no-such-section" },
      ]) {
        const { problem } = await expectOutcome(
          subject,
          "validation_failed",
          "PATCH /account",
          { headers: whateverItIs, body },
          mike,
        );
        const [name] = Object.keys(body);
        same(
          problem?.errors?.map(({ pointer }) => pointer),
          [`/${name}`],
          "the pointer",
        );
        if (name === "startPage") details.add(problem?.detail);
      }
      same(details.size, 1, "how many ways of saying it there are");
      const { account } = await readAccount(subject, mike);
      same(account, { ...mike.user, ...unchosen }, "the profile");
    },
  },
];
