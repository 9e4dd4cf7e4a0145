/**
 * Rights that change while somebody is signed in, and what a session is told of those of others.
 */
import { expectOutcome } from "./ask.ts";
import type { Shown } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { passwordOf } from "./subject.ts";
import { logIn, minute, refresh, renew, signIn } from "./steps.ts";

export const rightBehaviours: readonly Shown[] = [
  {
    name: "a grant counts with the next refresh, and its loss with the next request",
    run: async (subject) => {
      const nora = await signIn(subject, "nora");
      const finance = { params: { slug: "finance" } };
      await expectOutcome(subject, "section_forbidden", "GET /sections/:slug", finance, nora);
      await subject.arrange({ kind: "grantGiven", person: "nora", section: "finance" });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", finance, nora);
      const richer = await renew(subject, nora, "key-1");
      same(
        richer.sections.map(({ slug }) => slug),
        ["welcome", "finance"],
        "nora's sections",
      );
      await expectOutcome(subject, 200, "GET /sections/:slug", finance, richer);
      await subject.arrange({ kind: "grantTaken", person: "nora", section: "finance" });
      await expectOutcome(subject, "token_stale", "GET /sections/:slug", finance, richer);
      await expectOutcome(
        subject,
        "section_forbidden",
        "GET /sections/:slug",
        finance,
        await renew(subject, richer, "key-2"),
      );
    },
  },
  {
    name: "somebody who is deactivated is out at once, and cannot sign in",
    run: async (subject) => {
      const mike = await signIn(subject);
      await subject.arrange({ kind: "personDeactivated", person: "mike" });
      await expectOutcome(
        subject,
        "session_ended",
        "GET /sections/:slug",
        { params: { slug: "marketing" } },
        mike,
      );
      await logIn(subject, "invalid_credentials", "mike", passwordOf("mike"));
      // The session is over: signing out of it does not change why.
      await expectOutcome(subject, 204, "POST /logout", {
        body: { refreshToken: mike.refreshToken },
      });
      same(
        (await refresh(subject, "refresh_invalid", mike, "a-key")).problem?.reason,
        "deactivated",
        "the reason",
      );
    },
  },
  {
    name: "a dead token is refused also where visitors are welcome",
    run: async (subject) => {
      const mike = await signIn(subject);
      await subject.advanceClock(6 * minute);
      await expectOutcome(subject, "token_expired", "GET /sections", {}, mike);
      await expectOutcome(
        subject,
        "token_expired",
        "GET /sections/:slug",
        { params: { slug: "welcome" } },
        mike,
      );
      await expectOutcome(subject, 200, "GET /sections/:slug", { params: { slug: "welcome" } });
    },
  },
  {
    name: "a session says only what it is asked for: who may see more is not told of by name to whom may not",
    run: async (subject) => {
      const nora = await signIn(subject, "nora");
      includes(nora, { roles: [], permissions: [], notices: [] }, "nora's session");
      same(
        nora.sections.map(({ slug }) => slug),
        ["welcome"],
        "nora's sections",
      );
      holds(
        nora.accessToken !== undefined && nora.refreshToken !== undefined,
        "nora has no tokens",
      );
    },
  },
];
