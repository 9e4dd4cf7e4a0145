import { expectOutcome } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { includes, same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { day, minute, renew, signIn } from "./steps.ts";
import {
  addOlga,
  changeUser,
  type NewUser,
  password,
  roleNamed,
  signInPia,
  tokenIn,
} from "./user-steps.ts";

const cursorAt = (...place: readonly unknown[]): string => btoa(JSON.stringify(place));

/** What holds of people over several endpoints. */
export const peopleBehaviours: readonly Shown[] = [
  {
    name: "a cursor at a place where nobody of the list can stand is refused",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      for (const [sort, ...place] of [
        ["createdAt", 1.5, "x"],
        ["-createdAt", 1e300, "x"],
        ["createdAt", 0, "usr_\0"],
        ["username", "\0", "x"],
      ] as const) {
        const { problem } = await expectOutcome(
          subject,
          "validation_failed",
          "GET /users",
          { query: { sort, cursor: cursorAt(sort, ...place) } },
          mica,
        );
        includes(
          problem?.errors,
          [{ pointer: "/query/cursor", code: "invalid_cursor" }],
          JSON.stringify(place),
        );
      }
    },
  },
  {
    name: "the audit trail says that a link was made, and whose it was when a password was chosen",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const made = await addOlga(subject, mica);
      const eventOf = async (action: string) => {
        const query = { action, subject: made.id };
        const reply = await expectOutcome(subject, 200, "GET /audit-events", { query }, mica);
        const { items } = reply.body as { items: { actor: unknown; detail: unknown }[] };
        same(items.length, 1, `events ${action}`);
        return items[0];
      };
      const byMica = { id: mica.user.id, name: "mica" };
      includes(
        await eventOf("user.create"),
        { actor: byMica, detail: { linkExpiresAt: made.linkExpiresAt } },
        "who was added",
      );
      const { body } = await expectOutcome(
        subject,
        200,
        "POST /users/:userId/password-link",
        { params: { userId: made.id } },
        mica,
      );
      const again = body as NewUser;
      includes(
        await eventOf("user.makePasswordLink"),
        { actor: byMica, detail: { linkExpiresAt: again.linkExpiresAt } },
        "the link",
      );
      await expectOutcome(subject, 204, "POST /password-resets/confirm", {
        body: { token: tokenIn(again), newPassword: password },
      });
      includes(
        await eventOf("user.choosePassword"),
        { actor: { id: made.id, name: "Olga" }, detail: { by: "link", madeBy: byMica } },
        "the choice",
      );
    },
  },
  {
    name: "weak passwords on a good link to choose one are no guesses, and hold nobody up",
    run: async (subject) => {
      const made = await addOlga(subject, await signInToAdminister(subject));
      const confirm = (outcome: Parameters<typeof expectOutcome>[1], newPassword: string) =>
        expectOutcome(subject, outcome, "POST /password-resets/confirm", {
          body: { token: tokenIn(made), newPassword },
        });
      for (let attempt = 1; attempt <= 21; attempt += 1)
        await confirm("validation_failed", "olga@example.com olga");
      await confirm(204, password);
    },
  },
  {
    name: "a role that is given counts with the next refresh, and one that is taken with the next request",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const roleId = await roleNamed(subject, mica, "marketing");
      const nora = await signIn(subject, "nora");
      const marketing = { params: { slug: "marketing" } };
      await changeUser(subject, mica, "nora", { roleIds: [roleId] });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", marketing, nora);
      const richer = await renew(subject, nora, "key-1");
      await expectOutcome(subject, 200, "GET /sections/:slug", marketing, richer);
      await changeUser(subject, mica, "nora", { roleIds: [] });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", marketing, richer);
    },
  },
  {
    name: "a link to choose a password works for three days",
    run: async (subject) => {
      const made = await addOlga(subject, await signInToAdminister(subject));
      await subject.advanceClock(3 * day - minute);
      const confirm = (outcome: Parameters<typeof expectOutcome>[1]) =>
        expectOutcome(subject, outcome, "POST /password-resets/confirm", {
          body: { token: tokenIn(made), newPassword: password },
        });
      await subject.advanceClock(minute);
      await confirm("one_use_token_invalid");
    },
  },
  {
    name: "a link stops once whoever had it made may no longer change the person",
    run: async (subject) => {
      const mica = await signInToAdminister(subject);
      const pia = await signInPia(subject, mica);
      const { body } = await expectOutcome(
        subject,
        201,
        "POST /users",
        { body: { username: "quin", displayName: "Quin" } },
        pia,
      );
      const made = body as NewUser;
      const confirm = (outcome: Parameters<typeof expectOutcome>[1]) =>
        expectOutcome(subject, outcome, "POST /password-resets/confirm", {
          body: { token: tokenIn(made), newPassword: password },
        });
      const admin = await roleNamed(subject, mica, "admin");
      await changeUser(subject, mica, "quin", { roleIds: [admin] });
      await confirm("one_use_token_invalid");
      await changeUser(subject, mica, "quin", { roleIds: [] });
      await changeUser(subject, mica, "Olga", { active: false });
      await confirm("one_use_token_invalid");
      await changeUser(subject, mica, "Olga", { active: true });
      await confirm(204);
    },
  },
];
