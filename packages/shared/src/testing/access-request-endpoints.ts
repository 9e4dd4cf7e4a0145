import type { accessRequestEndpoints } from "../contract/access-requests.ts";
import type { Session } from "../contract/contract.ts";
import { ask, expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable, Prepared } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import { listen } from "./listen.ts";
import { signInToAdminister } from "./orders.ts";
import { day, minute, renew, second, signIn } from "./steps.ts";
import type { Person, Subject } from "./subject.ts";

const noRequest = { accessRequestId: `acr_${"A".repeat(22)}` };
const answerKey = "POST /access-requests/:accessRequestId/answer";

interface Own {
  readonly section: string;
  readonly note: string;
  readonly askedAt: string;
  readonly answered: boolean;
}
interface Waiting extends Omit<Own, "answered"> {
  readonly id: string;
  readonly user: { readonly id: string; readonly username: string };
  readonly title: string;
}

const askFor = async (
  subject: Subject,
  as: Session,
  section: string,
  note?: string,
): Promise<Own> =>
  (
    await expectOutcome(
      subject,
      202,
      "POST /access-requests",
      { body: { section, ...(note !== undefined && { note }) } },
      as,
    )
  ).body as Own;

const readOwn = async (subject: Subject, as: Session): Promise<readonly Own[]> =>
  (
    (await expectOutcome(subject, 200, "GET /account/access-requests", {}, as)).body as {
      items: readonly Own[];
    }
  ).items;

const list = async (
  subject: Subject,
  as: Session,
  query: Input["query"] = {},
): Promise<{
  readonly items: readonly Waiting[];
  readonly nextCursor: string | null;
  readonly total: number;
}> =>
  (await expectOutcome(subject, 200, "GET /access-requests", { query }, as)).body as {
    items: Waiting[];
    nextCursor: string | null;
    total: number;
  };

const names = (items: readonly Waiting[]): unknown =>
  items.map(({ user, section }) => `${user.username} ${section}`);

/** The request of one of the sample's people for finance, in whose place others are answered. */
const wait = async (subject: Subject, mica: Session, person: Person = "nora"): Promise<string> => {
  const theirs = await signIn(subject, person);
  await askFor(subject, theirs, "finance", "for Monday");
  const { items } = await list(subject, mica);
  const found = items.find(({ user }) => user.id === theirs.user.id);
  holds(found !== undefined, `${person}'s request is listed`);
  return found.id;
};

const answer = (id: string, body: object): Input => ({ params: { accessRequestId: id }, body });

const prepareAnswer = async (subject: Subject, mica: Session): Promise<Prepared> => ({
  request: answer(await wait(subject, mica), { granted: true }),
});

export const accessRequestBehaviours: Pick<BehaviourTable, keyof typeof accessRequestEndpoints> = {
  "POST /access-requests": {
    request: { body: { section: "nowhere", note: "please" } },
    another: { body: { section: "elsewhere" } },
    wrong: { body: { section: "finance", note: "x".repeat(501) }, pointer: "/note" },
    succeeds: {
      202: {
        name: "takes a request for a section, and for what there is not in the same way; asking again replaces the note",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await signIn(subject, "nora");
          const first = await askFor(subject, nora, "finance", "one");
          const none = await askFor(subject, nora, "nowhere", "one");
          same({ ...none, section: "finance" }, first, "what both are told");
          same([first.note, first.answered], ["one", false], "the request");
          await subject.advanceClock(second);
          for (const section of ["finance", "nowhere"])
            same(
              await askFor(subject, nora, section, "two\nlines"),
              { ...first, section, note: "two\nlines" },
              `${section} once more`,
            );
          // What she may open already is nothing to ask for.
          await askFor(subject, nora, "welcome");
          same(names((await list(subject, mica)).items), ["nora finance"], "what is listed");
          same((await readOwn(subject, nora)).length, 2, "how many of her own");
        },
      },
    },
    fails: {
      rate_limited: {
        name: "keeps no more than twenty open requests of one person",
        run: async (subject) => {
          const nora = await signIn(subject, "nora");
          await askFor(subject, nora, "finance");
          for (let index = 1; index < 20; index += 1)
            await askFor(subject, nora, `nowhere-${index}`);
          const body = { section: "people" };
          await expectOutcome(subject, "rate_limited", "POST /access-requests", { body }, nora);
          await askFor(subject, nora, "finance", "still");
          same((await readOwn(subject, nora)).length, 20, "how many there are");
        },
      },
    },
  },
  "GET /account/access-requests": {
    request: {},
    succeeds: {
      200: {
        name: "tells of one's own requests alone, and of a refusal as late as of what nobody could answer",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const id = await wait(subject, mica);
          const nora = await signIn(subject, "nora");
          await subject.advanceClock(second);
          await askFor(subject, nora, "nowhere");
          const [last, first] = await readOwn(subject, nora);
          same([last?.section, first?.section], ["nowhere", "finance"], "the last first");
          same([last?.answered, first?.answered], [false, false], "at first");
          await expectOutcome(subject, 204, answerKey, answer(id, { granted: false }), mica);
          const told = async (as: Session) =>
            (await readOwn(subject, as)).map(({ section, answered }) => [section, answered]);
          const waits = ["nowhere", false] as const;
          same(await told(nora), [waits, ["finance", false]], "just after the answer");
          await subject.advanceClock(10 * minute - second);
          const soon = await signIn(subject, "nora");
          same(await told(soon), [waits, ["finance", true]], "ten minutes after it was asked");
          await askFor(subject, soon, "people");
          await subject.advanceClock(7 * day);
          const later = await signIn(subject, "nora");
          same(
            (await readOwn(subject, later)).map(({ answered }) => answered),
            [true, true, true],
            "a week later",
          );
          // Neither is it told apart by when the next one is asked.
          const at = (await askFor(subject, later, "people")).askedAt;
          same((await askFor(subject, later, "nowhere")).askedAt, at, "asked anew");
          same(await readOwn(subject, await signIn(subject, "mike")), [], "of somebody else");
        },
      },
    },
    fails: {},
  },
  "GET /access-requests": {
    request: { query: { limit: 5, sort: "-askedAt" } },
    wrong: { query: { limit: 0 }, pointer: "/query/limit" },
    succeeds: {
      200: {
        name: "lists what waits, in pages, to those whose own rights cover the section; what is granted meanwhile waits no more",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await signIn(subject, "nora");
          const mike = await signIn(subject, "mike");
          const told = await listen(subject, mica);
          await askFor(subject, nora, "finance", "one");
          await askFor(subject, nora, "nowhere");
          await subject.advanceClock(second);
          await askFor(subject, mike, "people");
          await subject.advanceClock(second);
          await askFor(subject, mike, "finance");
          const listTold = async (listener: typeof told): Promise<void> => {
            let lists: readonly string[] = [];
            while (!lists.includes("accessRequests")) {
              await subject.advanceClock(second);
              lists = await listener.nextLists();
            }
          };
          await listTold(told);
          // Who is told of the list does not learn by it what there is.
          const listener = await listen(subject, mica);
          await askFor(subject, nora, "nowhere-else");
          await listTold(listener);
          const all = ["nora finance", "mike people", "mike finance"];
          const { items, total } = await list(subject, mica);
          same([names(items), total], [all, 3], "all");
          same([items[0]?.title, items[0]?.note], ["Finance", "one"], "the first");
          const backwards = await list(subject, mica, { sort: "-askedAt", limit: 2 });
          same(names(backwards.items), all.slice(1).toReversed(), "the last first");
          const rest = await list(subject, mica, {
            sort: "-askedAt",
            limit: 2,
            cursor: backwards.nextCursor ?? "",
          });
          same([names(rest.items), rest.nextCursor], [["nora finance"], null], "the next page");
          await subject.arrange({
            kind: "permissionGiven",
            person: "frida",
            permission: "accessRequests:write",
          });
          const frida = await signIn(subject, "frida");
          const covered = await list(subject, frida);
          same(
            [names(covered.items), covered.total],
            [["nora finance", "mike finance"], 2],
            "what frida is shown, who has finance",
          );
          await subject.arrange({ kind: "grantGiven", person: "nora", section: "finance" });
          same(names((await list(subject, frida)).items), ["mike finance"], "after a grant");
        },
      },
    },
    fails: {},
  },
  "POST /access-requests/:accessRequestId/answer": {
    request: { params: noRequest, body: { granted: true } },
    prepare: prepareAnswer,
    wrong: {
      params: noRequest,
      body: { granted: false, expiresAt: "2099-01-01T00:00:00Z" },
      pointer: "/expiresAt",
    },
    succeeds: {
      204: {
        name: "grants what was asked for, at once and for as long as is said, and tells the page of whoever asked",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const id = await wait(subject, mica);
          const nora = await signIn(subject, "nora");
          const listener = await listen(subject, nora);
          const at = Date.parse(mica.accessExpiresAt) - mica.expiresIn * 1000 + minute;
          const end = new Date(at - (at % 1000)).toISOString();
          const body = { granted: true, expiresAt: end.replace(".000Z", "Z") };
          await expectOutcome(subject, 204, answerKey, answer(id, body), mica);
          await subject.advanceClock(second);
          same(await listener.next(), { event: "permissions", data: {} }, "is told");
          const richer = await renew(subject, nora, "key-1");
          same(
            [richer.sections.map(({ slug }) => slug), richer.accessExpiresAt],
            [["welcome", "finance"], end],
            "nora's sections, and until when",
          );
          same((await list(subject, mica)).items, [], "what still waits");
          await subject.advanceClock(minute);
          const poorer = await renew(subject, richer, "key-2");
          same(
            poorer.sections.map(({ slug }) => slug),
            ["welcome"],
            "afterwards",
          );
        },
      },
    },
    fails: {
      not_found: {
        name: "knows no request of another id, none for what there is not, and none for what the caller does not cover",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const id = await wait(subject, mica);
          await subject.arrange({
            kind: "permissionGiven",
            person: "mike",
            permission: "accessRequests:write",
          });
          const mike = await signIn(subject);
          for (const granted of [true, false])
            await expectOutcome(subject, "not_found", answerKey, answer(id, { granted }), mike);
          const none = answer(noRequest.accessRequestId, { granted: false });
          await expectOutcome(subject, "not_found", answerKey, none, mica);
          same((await list(subject, mica)).total, 1, "it still waits");
        },
      },
      rights_exceeded: {
        name: "lets nobody give by an answer what they do not have, or to somebody with more rights",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const id = await wait(subject, mica, "mike");
          await subject.arrange({
            kind: "permissionGiven",
            person: "frida",
            permission: "accessRequests:write",
          });
          // mike has marketing, which frida has not.
          const frida = await signIn(subject, "frida");
          await expectOutcome(
            subject,
            "rights_exceeded",
            answerKey,
            answer(id, { granted: true }),
            frida,
          );
          same((await list(subject, mica)).total, 1, "it still waits");
          await expectOutcome(subject, 204, answerKey, answer(id, { granted: false }), frida);
        },
      },
      access_request_answered: {
        name: "takes one answer for each request, whoever else answers at the same time",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const id = await wait(subject, mica);
          const codes = await Promise.all(
            [true, false, false].map(
              async (granted) =>
                (await ask(subject, answerKey, answer(id, { granted }), mica)).code ?? "done",
            ),
          );
          same(
            codes.toSorted(),
            ["access_request_answered", "access_request_answered", "done"],
            "three at once",
          );
        },
      },
    },
  },
};
