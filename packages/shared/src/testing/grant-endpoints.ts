import type { Grant, Session } from "../contract/contract.ts";
import type { grantEndpoints } from "../contract/grants.ts";
import { expectOutcome, type Input } from "./ask.ts";
import type { BehaviourTable, Prepared, Shown } from "./behaviour.ts";
import { holds, same } from "./differences.ts";
import { listen } from "./listen.ts";
import { signInToAdminister } from "./orders.ts";
import { minute, renew, second, signIn } from "./steps.ts";
import type { Person, Subject } from "./subject.ts";
import { changeUser } from "./user-steps.ts";

/** Of nobody: ids are random, so that a behaviour looks up whom it is about. */
const nobody = `usr_${"A".repeat(22)}`;
const noGrant = { grantId: `grt_${"A".repeat(22)}` };

const idOf = async (subject: Subject, person: Person): Promise<string> =>
  (await signIn(subject, person)).user.id;

const listGrants = async (
  subject: Subject,
  as: Session,
  query: Input["query"] = {},
): Promise<{ readonly items: readonly Grant[]; readonly nextCursor: string | null }> =>
  (await expectOutcome(subject, 200, "GET /grants", { query }, as)).body as {
    items: Grant[];
    nextCursor: string | null;
  };

const give = async (subject: Subject, as: Session, body: object): Promise<Grant> =>
  (await expectOutcome(subject, 201, "POST /grants", { body }, as)).body as Grant;

/** A grant of nora's, whose other people's tokens it leaves as they are. */
const giveNora = async (subject: Subject, as: Session, more: object = {}): Promise<Grant> =>
  give(subject, as, { userId: await idOf(subject, "nora"), section: "finance", ...more });

/** So many milliseconds after somebody signed in, to the second, by the server's clock. */
const endAfter = ({ accessExpiresAt, expiresIn }: Session, milliseconds: number): string =>
  new Date(
    Math.floor((Date.parse(accessExpiresAt) - expiresIn * 1000 + milliseconds) / 1000) * 1000,
  )
    .toISOString()
    .replace(".000Z", "Z");

const cellOf = ({ user, role, section, expiresAt }: Grant): readonly unknown[] => [
  user?.username ?? role?.name,
  section,
  expiresAt,
];

const slugsOf = ({ sections }: Session): readonly string[] => sections.map(({ slug }) => slug);

/** By the sample: whoever is in the role of marketing sees marketing. */
const marketing = async (subject: Subject, as: Session): Promise<string> => {
  const { items } = await listGrants(subject, as, { section: "marketing" });
  const found = items.find(({ role }) => role?.name === "marketing")?.role;
  holds(found !== undefined && found !== null, "there is the role marketing");
  return found.id;
};

/** A role with a grant of finance, and mike in it, who may do more than it gives. */
const giveMikesRole = async (subject: Subject, mica: Session) => {
  const body = { name: "Readers", description: "", permissions: [] };
  const made = await expectOutcome(subject, 201, "POST /roles", { body }, mica);
  const roleId = (made.body as { readonly id: string }).id;
  const grant = await give(subject, mica, { roleId, section: "finance" });
  const isIn = (roleIds: readonly string[]) => changeUser(subject, mica, "mike", { roleIds });
  const others = await marketing(subject, mica);
  await isIn([others, roleId]);
  return { roleId, grant, leave: () => isIn([others]) };
};

const conditions = (key: "PATCH /grants/:grantId" | "DELETE /grants/:grantId") => {
  const body = key.startsWith("PATCH") ? { body: { expiresAt: null } } : {};
  return {
    precondition_required: {
      name: "asks which grant it was that the change was made of",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const params = { grantId: (await giveNora(subject, mica)).id };
        await expectOutcome(subject, "precondition_required", key, { params, ...body }, mica);
      },
    },
    precondition_failed: {
      name: "changes none that ends at another time by now",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const { id, etag } = await giveNora(subject, mica);
        const params = { grantId: id };
        const headers = { "if-match": etag };
        await expectOutcome(
          subject,
          200,
          "PATCH /grants/:grantId",
          { params, headers, body: { expiresAt: endAfter(mica, minute) } },
          mica,
        );
        await expectOutcome(
          subject,
          "precondition_failed",
          key,
          { params, headers, ...body },
          mica,
        );
      },
    },
    not_found: {
      name: "knows no grant of another id, and none that has ended",
      run: async (subject: Subject) => {
        const mica = await signInToAdminister(subject);
        const headers = { "if-match": "*" };
        await expectOutcome(subject, "not_found", key, { params: noGrant, headers, ...body }, mica);
        const { id } = await giveNora(subject, mica, { expiresAt: endAfter(mica, minute) });
        await subject.advanceClock(minute);
        await expectOutcome(
          subject,
          "not_found",
          key,
          { params: { grantId: id }, headers, ...body },
          await signInToAdminister(subject),
        );
      },
    },
    rights_exceeded: {
      name: "lets nobody change what somebody has who has more than they have",
      run: async (subject: Subject) => {
        const { nora, mica } = await signInLimited(subject);
        const { items } = await listGrants(subject, mica, { section: "_all_" });
        const [grant] = items;
        holds(grant !== undefined, "there is a grant of every section");
        await expectOutcome(
          subject,
          "rights_exceeded",
          key,
          { params: { grantId: grant.id }, headers: { "if-match": "*" }, ...body },
          nora,
        );
        // From a role it is taken from everybody who is in it.
        const role = await giveMikesRole(subject, mica);
        const change = (outcome: 200 | 204 | "rights_exceeded", expiresAt: string | null) => {
          const params = { grantId: role.grant.id };
          const sent = key.startsWith("PATCH") ? { body: { expiresAt } } : {};
          const input = { params, headers: { "if-match": "*" }, ...sent };
          return expectOutcome(subject, outcome, key, input, nora);
        };
        const soon = endAfter(mica, minute);
        await change("rights_exceeded", soon);
        if (key.startsWith("PATCH")) await change(200, null);
        await role.leave();
        await change(key.startsWith("PATCH") ? 200 : 204, soon);
      },
    },
  } satisfies Readonly<Record<string, Shown>>;
};

/** nora, who may change grants and nothing else, and sees no more than frida does. */
const signInLimited = async (
  subject: Subject,
): Promise<{ readonly nora: Session; readonly mica: Session }> => {
  const mica = await signInToAdminister(subject);
  await subject.arrange({ kind: "permissionGiven", person: "nora", permission: "grants:write" });
  await giveNora(subject, mica);
  await giveNora(subject, mica, { section: "operations" });
  return { nora: await signIn(subject, "nora"), mica };
};

const prepareGrant = async (subject: Subject, mica: Session): Promise<Prepared> => {
  const { id, etag } = await giveNora(subject, mica);
  return { request: { params: { grantId: id }, headers: { "if-match": etag } } };
};

export const grantBehaviours: Pick<BehaviourTable, keyof typeof grantEndpoints> = {
  "GET /grants": {
    request: { query: { section: "finance,_all_", limit: 5 } },
    wrong: { query: { userId: "usr_a,rol_b" }, pointer: "/query/userId" },
    succeeds: {
      200: {
        name: "lists the cells of a table, the newest first, in pages",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await idOf(subject, "nora");
          const mike = await idOf(subject, "mike");
          const roleId = await marketing(subject, mica);
          await give(subject, mica, { userId: nora, section: "finance" });
          await subject.advanceClock(second);
          await give(subject, mica, { userId: mike, section: "people" });
          await subject.advanceClock(second);
          await give(subject, mica, { roleId, section: "finance" });
          await subject.advanceClock(second);
          await give(subject, mica, { userId: nora, section: "_all_" });
          const table = { userId: `${nora},${mike}`, roleId, section: "finance,_all_" };
          const { items } = await listGrants(subject, mica, table);
          same(
            items.map(cellOf),
            [
              ["nora", "_all_", null],
              ["marketing", "finance", null],
              ["nora", "finance", null],
            ],
            "two people and a role, two columns",
          );
          same([items[0]?.title, items[1]?.title], [null, "Finance"], "the titles");
          const first = await listGrants(subject, mica, { ...table, limit: 2 });
          holds(first.nextCursor !== null, "the first two lead to another page");
          const rest = await listGrants(subject, mica, {
            ...table,
            limit: 2,
            cursor: first.nextCursor,
          });
          same([...first.items, ...rest.items], items, "in two pages");
          same(rest.nextCursor, null, "what follows the last");
          await expectOutcome(
            subject,
            "validation_failed",
            "GET /grants",
            { query: { cursor: "not-one" } },
            mica,
          );
        },
      },
    },
    fails: {},
  },
  "POST /grants": {
    request: { body: { userId: nobody, section: "finance" } },
    prepare: async (subject) => {
      const userId = await idOf(subject, "nora");
      return {
        request: { body: { userId, section: "finance" } },
        another: { body: { userId, section: "people" } },
      };
    },
    another: { body: { userId: nobody, section: "people" } },
    wrong: { body: { section: "finance" }, pointer: "/userId" },
    succeeds: {
      201: {
        name: "lets a user see a section from their next request on, and says so to their page",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await signIn(subject, "nora");
          const listener = await listen(subject, nora);
          const grant = await give(subject, mica, { userId: nora.user.id, section: "finance" });
          same(cellOf(grant), ["nora", "finance", null], "the grant");
          await subject.advanceClock(second);
          same(await listener.next(), { event: "permissions", data: {} }, "is told");
          const finance = { params: { slug: "finance" } };
          await expectOutcome(subject, "token_stale", "GET /sections/:slug", finance, nora);
          const richer = await renew(subject, nora, "key-1");
          same(slugsOf(richer), ["welcome", "finance"], "nora's sections");
          await expectOutcome(subject, 200, "GET /sections/:slug", finance, richer);
          const { items } = await listGrants(subject, mica, { userId: nora.user.id });
          same(items, [grant], "what is listed");
          const pointers = async (body: object): Promise<unknown> =>
            (
              await expectOutcome(subject, "validation_failed", "POST /grants", { body }, mica)
            ).problem?.errors?.map(({ pointer, code }) => [pointer, code]);
          const userId = nora.user.id;
          same(
            [
              await pointers({ userId: nobody, section: "people" }),
              await pointers({ roleId: `rol_${"A".repeat(22)}`, section: "people" }),
              await pointers({ userId, section: "nowhere" }),
              await pointers({ userId, section: "people", expiresAt: endAfter(mica, -minute) }),
            ],
            [
              [["/userId", "unknown_user"]],
              [["/roleId", "unknown_role"]],
              [["/section", "unknown_section"]],
              [["/expiresAt", "past"]],
            ],
            "what is wrong with whom and what there is not, and with an end that is over",
          );
        },
      },
    },
    fails: {
      grant_exists: {
        name: "gives none that there is, and one again whose end is over",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { user } = await giveNora(subject, mica, { expiresAt: endAfter(mica, minute) });
          const body = { userId: user?.id, section: "finance" };
          await expectOutcome(subject, "grant_exists", "POST /grants", { body }, mica);
          await subject.advanceClock(minute);
          const again = await signInToAdminister(subject);
          same(cellOf(await give(subject, again, body)), ["nora", "finance", null], "again");
        },
      },
      rights_exceeded: {
        name: "lets nobody give a section that they do not see, or to somebody with more rights, and says nothing of what there is",
        run: async (subject) => {
          const { nora, mica } = await signInLimited(subject);
          const frida = { userId: await idOf(subject, "frida") };
          for (const body of [
            { ...frida, section: "people" },
            { ...frida, section: "nowhere" },
            { ...frida, section: "_all_" },
            { userId: mica.user.id, section: "finance" },
            { userId: nora.user.id, section: "people" },
          ])
            await expectOutcome(subject, "rights_exceeded", "POST /grants", { body }, nora);
          const { items } = await listGrants(subject, mica, frida);
          same(
            items.map(({ section }) => section).sort(),
            ["finance", "operations"],
            "what she has",
          );
        },
      },
    },
  },
  "POST /grants/changes": {
    request: { body: { add: [], remove: [noGrant.grantId] } },
    prepare: async (subject) => ({
      request: {
        body: { add: [{ userId: await idOf(subject, "nora"), section: "finance" }], remove: [] },
      },
    }),
    wrong: { body: { add: [], remove: ["usr_a"] }, pointer: "/remove/0" },
    succeeds: {
      200: {
        name: "gives and takes all of it at once, or nothing, and is the same a second time",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const nora = await idOf(subject, "nora");
          const roleId = await marketing(subject, mica);
          const finance = await give(subject, mica, { userId: nora, section: "finance" });
          const end = endAfter(mica, minute);
          const ofOne = await give(subject, mica, { roleId, section: "people" });
          const body = {
            add: [
              { userId: nora, section: "people" },
              { roleId, section: "people", expiresAt: end },
            ],
            remove: [finance.id, noGrant.grantId],
          };
          const change = async (outcome: 200 | "validation_failed", sent: object) =>
            expectOutcome(subject, outcome, "POST /grants/changes", { body: sent }, mica);
          const { problem } = await change("validation_failed", {
            add: [...body.add, { userId: nora, section: "nowhere" }, body.add[0]],
            remove: body.remove,
          });
          same(
            problem?.errors?.map(({ pointer, code }) => [pointer, code]),
            [
              ["/add/2/section", "unknown_section"],
              ["/add/3/section", "duplicate"],
            ],
            "what is wrong",
          );
          const before = await listGrants(subject, mica, { userId: nora });
          same(before.items, [finance], "nothing was done");
          const { items, removed } = (await change(200, body)).body as {
            items: Grant[];
            removed: string[];
          };
          same(
            items.map(cellOf),
            [
              ["nora", "people", null],
              ["marketing", "people", `${end.slice(0, -1)}.000Z`],
            ],
            "what there is now",
          );
          same([items[1]?.id, removed], [ofOne.id, [finance.id]], "which grants they are");
          same(
            (await change(200, body)).body,
            { items, removed: [] },
            "the same once more changes nothing",
          );
        },
      },
    },
    fails: {
      rights_exceeded: {
        name: "does nothing at all where part of it goes too far",
        run: async (subject) => {
          const { nora, mica } = await signInLimited(subject);
          const userId = await idOf(subject, "frida");
          const add = [
            { userId, section: "finance", expiresAt: endAfter(mica, minute) },
            { userId, section: "people" },
          ];
          const { items: every } = await listGrants(subject, mica, { section: "_all_" });
          const body = { add, remove: every.slice(0, 1).map(({ id }) => id) };
          const { problem } = await expectOutcome(
            subject,
            "rights_exceeded",
            "POST /grants/changes",
            { body },
            nora,
          );
          same(
            problem?.errors?.map(({ pointer, code }) => [pointer, code]),
            [
              ["/add/1", "rights_exceeded"],
              ["/remove/0", "rights_exceeded"],
            ],
            "which of it goes too far",
          );
          const { items } = await listGrants(subject, mica, { userId });
          same(
            items.map(({ section, expiresAt }) => `${section} ${expiresAt}`).sort(),
            ["finance null", "operations null"],
            "what she has",
          );
          // Of a role nothing is taken, nor ends sooner, from somebody who may do more.
          const { roleId, grant, leave } = await giveMikesRole(subject, mica);
          const change = async (outcome: 200 | "rights_exceeded", sent: object) => {
            const input = { body: { add: [], remove: [], ...sent } };
            const reply = await expectOutcome(
              subject,
              outcome,
              "POST /grants/changes",
              input,
              nora,
            );
            return reply.problem?.errors?.map(({ pointer }) => pointer);
          };
          const shorter = { roleId, section: "finance", expiresAt: endAfter(mica, minute) };
          same(
            [
              await change("rights_exceeded", { add: [{ userId, section: "finance" }, shorter] }),
              await change("rights_exceeded", { remove: [grant.id] }),
            ],
            [["/add/1"], ["/remove/0"]],
            "what takes from somebody with more rights",
          );
          await change(200, { add: [{ roleId, section: "operations" }] });
          await leave();
          await change(200, { add: [shorter] });
          await change(200, { remove: [grant.id] });
        },
      },
      precondition_failed: {
        name: "does nothing at all where a grant is not as it was seen, and says which",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const finance = await giveNora(subject, mica, { expiresAt: endAfter(mica, minute) });
          const people = await giveNora(subject, mica, { section: "people" });
          const userId = finance.user?.id ?? "";
          const none = '"0"';
          const body = {
            add: [
              { userId, section: "finance", etag: finance.etag },
              { userId, section: "people", expiresAt: endAfter(mica, minute), etag: null },
              { userId, section: "operations", etag: none },
            ],
            remove: [
              { id: finance.id, etag: none },
              { id: noGrant.grantId, etag: none },
            ],
          };
          const { problem } = await expectOutcome(
            subject,
            "precondition_failed",
            "POST /grants/changes",
            { body: { add: body.add.slice(1), remove: body.remove } },
            mica,
          );
          same(
            problem?.errors?.map(({ pointer, code }) => [pointer, code]),
            [
              ["/remove/0", "changed"],
              ["/add/0", "changed"],
              ["/add/1", "changed"],
            ],
            "which of it",
          );
          const { items } = await listGrants(subject, mica, { userId });
          same(items.length, 2, "what there still is");
          await expectOutcome(
            subject,
            200,
            "POST /grants/changes",
            { body: { add: body.add.slice(0, 1), remove: [{ id: people.id, etag: people.etag }] } },
            mica,
          );
          const { items: after } = await listGrants(subject, mica, { userId });
          same(after.map(cellOf), [["nora", "finance", null]], "as it was seen, it is changed");
        },
      },
    },
  },
  "PATCH /grants/:grantId": {
    request: { params: noGrant, headers: { "if-match": "*" }, body: { expiresAt: null } },
    prepare: async (subject, mica) => {
      const { request } = await prepareGrant(subject, mica);
      return { request: { ...request, body: { expiresAt: endAfter(mica, minute) } } };
    },
    wrong: {
      params: noGrant,
      headers: { "if-match": "*" },
      body: { expiresAt: "tomorrow" },
      pointer: "/expiresAt",
    },
    succeeds: {
      200: {
        name: "lets a grant end, and at that moment it is gone: for open pages, in new tokens and in lists",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id, etag, user } = await giveNora(subject, mica);
          const body = { expiresAt: endAfter(mica, 2 * minute) };
          const { body: changed, headers } = await expectOutcome(
            subject,
            200,
            "PATCH /grants/:grantId",
            { params: { grantId: id }, headers: { "if-match": etag }, body },
            mica,
          );
          same(headers.get("etag"), (changed as Grant).etag, "the tag");
          holds(headers.get("etag") !== etag, "is another one");
          const nora = await signIn(subject, "nora");
          const end = (changed as Grant).expiresAt ?? "";
          same([slugsOf(nora), nora.accessExpiresAt], [["welcome", "finance"], end], "her token");
          const listener = await listen(subject, nora);
          const finance = { params: { slug: "finance" } };
          await subject.advanceClock(Date.parse(end) - Date.parse(endAfter(mica, 0)) - second);
          await expectOutcome(subject, 200, "GET /sections/:slug", finance, nora);
          await subject.advanceClock(second);
          same(await listener.next(), { event: "permissions", data: {} }, "is told");
          await expectOutcome(subject, "token_expired", "GET /sections/:slug", finance, nora);
          const poorer = await renew(subject, nora, "key-1");
          same([slugsOf(poorer), poorer.expiresIn], [["welcome"], 300], "the session afterwards");
          await expectOutcome(subject, "section_forbidden", "GET /sections/:slug", finance, poorer);
          const { items } = await listGrants(subject, await signInToAdminister(subject), {
            userId: user?.id,
          });
          same(items, [], "what is listed");
        },
      },
    },
    fails: conditions("PATCH /grants/:grantId"),
  },
  "DELETE /grants/:grantId": {
    request: { params: noGrant, headers: { "if-match": "*" } },
    prepare: prepareGrant,
    wrong: {
      params: { grantId: "usr_a" },
      headers: { "if-match": "*" },
      pointer: "/params/grantId",
    },
    succeeds: {
      204: {
        name: "takes a section away from the next request on",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id, etag } = await giveNora(subject, mica);
          const nora = await signIn(subject, "nora");
          await expectOutcome(
            subject,
            204,
            "DELETE /grants/:grantId",
            { params: { grantId: id }, headers: { "if-match": etag } },
            mica,
          );
          const finance = { params: { slug: "finance" } };
          await expectOutcome(subject, "token_stale", "GET /sections/:slug", finance, nora);
          same(slugsOf(await renew(subject, nora, "key-1")), ["welcome"], "nora's sections");
        },
      },
    },
    fails: conditions("DELETE /grants/:grantId"),
  },
};
