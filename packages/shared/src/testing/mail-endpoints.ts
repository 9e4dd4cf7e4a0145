import type { mailEndpoints } from "../contract/mail.ts";
import { expectOutcome } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { same } from "./differences.ts";
import { signInToAdminister } from "./orders.ts";
import { findUser } from "./user-steps.ts";

export const mailBehaviours: Pick<BehaviourTable, keyof typeof mailEndpoints> = {
  "GET /undelivered-mails": {
    request: {},
    succeeds: {
      200: {
        name: "tells of a mail once it has failed, and to whom it was",
        run: async (subject) => {
          const mica = await signInToAdminister(subject);
          const { id: userId, email } = await findUser(subject, mica, "nora");
          const list = async () =>
            (await expectOutcome(subject, 200, "GET /undelivered-mails", {}, mica)).body as {
              readonly items: readonly Readonly<Record<string, unknown>>[];
            };
          await expectOutcome(
            subject,
            200,
            "POST /users/:userId/password-link",
            { params: { userId } },
            mica,
          );
          same((await list()).items, [], "it may still be sent");
          const reason = "The mail server does not accept the recipient.";
          await subject.arrange({ kind: "mailRefused", person: "nora", reason });
          same(
            (await list()).items.map(({ user, to, kind, attempts, failure, triedAgainAt }) => [
              (user as { id: string }).id,
              [to, kind, attempts, failure, triedAgainAt],
            ]),
            [[userId, [email, "passwordLinkMade", 1, reason, null]]],
            "what failed",
          );
        },
      },
    },
    fails: {},
  },
};
