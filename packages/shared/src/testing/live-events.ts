/** The stream of events, beyond what its endpoint alone shows. */
import { expectOutcome } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { same } from "./differences.ts";
import { listen } from "./listen.ts";
import { addOrderTable, asOrders, figs, orders, putSection, signInToAdminister } from "./orders.ts";
import { day, minute, second, signIn } from "./steps.ts";

export const eventBehaviours: readonly Shown[] = [
  {
    name: "the stream of events tells of rights that change, and goes on",
    run: async (subject) => {
      const frida = await signIn(subject, "frida");
      const nora = await signIn(subject, "nora");
      const [listener, other] = [await listen(subject, frida), await listen(subject, nora)];
      await subject.arrange({ kind: "grantTaken", person: "frida", section: "finance" });
      await subject.advanceClock(second);
      same(await listener.next(), { event: "permissions", data: {} }, "what frida is told");
      await subject.arrange({ kind: "grantGiven", person: "frida", section: "finance" });
      await subject.advanceClock(second);
      same(await listener.next(), { event: "permissions", data: {} }, "what frida is told then");
      await subject.arrange({ kind: "grantGiven", person: "nora", section: "marketing" });
      await subject.advanceClock(second);
      same(await other.next(), { event: "permissions", data: {} }, "the first that nora is told");
      await listener.leave();
      await other.leave();
    },
  },
  {
    name: "the stream of events outlives the access token, is no use of the session, and ends with it",
    run: async (subject) => {
      const listener = await listen(subject, await signIn(subject));
      same(await listener.nextChunk(), ":", "the first of the stream");
      await subject.advanceClock(20 * minute);
      same(await listener.nextChunk(), ":", "what is told after twenty minutes of nothing");
      await subject.advanceClock(7 * day);
      same(
        await listener.next(),
        { event: "ended", data: { reason: "idle" } },
        "what is told after seven days",
      );
    },
  },
  {
    name: "the stream of events tells of a section whose panels or rows have changed, to whoever may see it",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrderTable(subject, mica);
      const mike = await signIn(subject);
      const [own, other] = [await listen(subject, mica), await listen(subject, mike)];
      const tell = async (what: string, expected: unknown): Promise<void> => {
        await subject.advanceClock(second);
        same(await own.next(), { event: "sections", data: expected }, what);
      };
      await expectOutcome(
        subject,
        200,
        "POST /datasets/:name/rows",
        { params: { name: orders.name }, upload: asOrders(figs) },
        mica,
      );
      await tell("what is told of new rows", { slugs: ["orders"], list: false });
      await putSection(subject, mica, { slug: "orders", panels: [] });
      await tell("what is told of other panels", { slugs: ["orders"], list: false });
      await putSection(subject, mica, { slug: "orders", title: "Another title", panels: [] });
      await tell("what is told of another title", { slugs: ["orders"], list: true });
      await putSection(subject, mica, {
        slug: "orders",
        title: "Another title",
        visibility: "public",
        panels: [],
      });
      await tell("what is told of a section that is public now", { slugs: ["orders"], list: true });
      same(
        await other.next(),
        { event: "sections", data: { slugs: ["orders"], list: true } },
        "the first that mike is told",
      );
      await own.leave();
      await other.leave();
    },
  },
  {
    name: "the stream of events tells of lists of the admin side that have changed, once for all that happened, to whoever may read them",
    run: async (subject) => {
      await subject.arrange({
        kind: "permissionGiven",
        person: "frida",
        permission: "grants:read",
      });
      const mica = await signInToAdminister(subject);
      const [frida, mike] = [await signIn(subject, "frida"), await signIn(subject, "mike")];
      const listeners = [
        await listen(subject, mica),
        await listen(subject, frida),
        await listen(subject, mike),
      ] as const;
      const [own, some, none] = listeners;
      await subject.advanceClock(second);
      await subject.arrange({ kind: "grantGiven", person: "nora", section: "marketing" });
      await subject.arrange({ kind: "grantGiven", person: "nora", section: "finance" });
      await addOrderTable(subject, mica);
      await subject.advanceClock(second);
      // Where a change is told at once, it is told in several events.
      const hear = async (wanted: readonly string[]): Promise<void> => {
        const told = new Set<string>();
        while (!wanted.every((list) => told.has(list)))
          for (const list of await own.nextLists()) told.add(list);
      };
      await hear(["audit", "datasets", "grants", "sections"]);
      same(await some.nextLists(), ["grants"], "what frida is told");
      await signIn(subject, "nora");
      await subject.advanceClock(second);
      await hear(["audit", "sessions"]);
      await subject.arrange({ kind: "grantGiven", person: "mike", section: "finance" });
      await subject.advanceClock(second);
      same(
        await none.nextChunk().then(async (first) => (first === ":" ? none.nextChunk() : first)),
        { event: "permissions", data: {} },
        "the first that mike is told",
      );
      for (const listener of listeners) await listener.leave();
    },
  },
  {
    name: "the stream of events tells at once what has changed since the page began to ask",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      await addOrderTable(subject, mica);
      await subject.advanceClock(minute);
      const began = new Date(
        Date.parse(mica.accessExpiresAt) - mica.expiresIn * second + minute,
      ).toISOString();
      const quiet = await listen(subject, mica, { since: began });
      await subject.advanceClock(second);
      await putSection(subject, mica, { slug: "orders", panels: [] });
      const late = await listen(subject, mica, { since: began });
      await subject.advanceClock(second);
      for (const listener of [quiet, late]) {
        same(
          await listener.next(),
          { event: "sections", data: { slugs: ["orders"], list: false } },
          "what is told",
        );
        await listener.leave();
      }
    },
  },
];
