import type { mailEndpoints } from "../../contract/mail.ts";
import { recordOf, type Handlers, type RequestContext } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { networksOf } from "../answering/networks.ts";
import { refusalOf, type WindowLimit } from "../answering/rate-limit.ts";
import { readActor } from "../access/acting.ts";
import type { LimitStore } from "../sessions/limit-store.ts";
import type { SignInQueue } from "../sessions/sign-in-queue.ts";
import type { OneUseTokenStore } from "../users/one-use-token-store.ts";
import type { User, UserStore } from "../users/user-store.ts";
import { asAttempt } from "./as-attempt.ts";
import type { ForgottenPasswords } from "./forgotten-passwords.ts";
import { mailedLinkLimit, sendLink, type MailedLinkDependencies } from "./mailed-links.ts";

interface Dependencies extends MailedLinkDependencies {
  readonly stores: MailedLinkDependencies["stores"] & {
    readonly limits: LimitStore;
    readonly oneUseTokens: Pick<OneUseTokenStore, "findEmailVerification">;
    readonly users: Pick<UserStore, "readRights" | "verifyEmail">;
  };
  readonly forgottenPasswords: Pick<ForgottenPasswords, "ask">;
  readonly signInQueue: Pick<SignInQueue, "enter">;
  readonly sendsMail: () => boolean;
}

/** Of a network, whoever it asks for. An office behind one address has many people who forget. */
const resetLimit: WindowLimit = {
  name: "resets",
  limit: 20,
  windowSeconds: 3_600,
  mostKeys: 100_000,
};

/** What people do about their own address and their forgotten password. */
export const createAddressHandlers = (
  dependencies: Dependencies,
): Pick<Handlers, Exclude<keyof typeof mailEndpoints, "GET /undelivered-mails">> => {
  const { stores, digests, now, forgottenPasswords, sendsMail } = dependencies;
  const requireMail = (): void => {
    if (!sendsMail()) throw new AppError("mail_not_set_up");
  };
  const readUser = async (context: RequestContext): Promise<User> => {
    const found = await stores.users.readRights((await readActor(stores.users, context)).id);
    if (found === null) throw new AppError("session_ended");
    return found.user;
  };
  return {
    "POST /password-resets": async ({ body, context, ok }) => {
      requireMail();
      for (const network of networksOf(context.address)) {
        const taken = await stores.limits.take(resetLimit, network, now());
        if (!taken.isAllowed) throw refusalOf(resetLimit, taken, now());
      }
      const { address, userAgent, requestId } = context;
      await forgottenPasswords.ask({
        usernameOrEmail: body.usernameOrEmail,
        audit: { address, userAgent, requestId },
      });
      return ok(202, { status: "accepted" });
    },
    "GET /account/email": async ({ context, ok }) => {
      const { email, emailVerified } = await readUser(context);
      return ok(200, { email, verified: emailVerified, mail: sendsMail() });
    },
    "POST /email-verifications": async ({ context, ok }) => {
      requireMail();
      const { id, email, emailVerified } = await readUser(context);
      if (email !== null && !emailVerified) {
        const taken = await sendLink(
          dependencies,
          "emailVerification",
          { id, email },
          recordOf(context),
        );
        if (!taken.isAllowed)
          throw refusalOf(
            mailedLinkLimit,
            taken,
            now(),
            "Three mails an hour go to an address. Look among the unwanted ones as well.",
          );
      }
      return ok(204, null);
    },
    "POST /email-verifications/confirm": async ({ body, context, ok }) => {
      const email = await asAttempt(dependencies, context, async () => {
        const tokenHash = digests.hash(body.token);
        const invalid = (): AppError => new AppError("one_use_token_invalid");
        const found = await stores.oneUseTokens.findEmailVerification(tokenHash, now());
        const user = found && (await stores.users.readRights(found.userId))?.user;
        if (!user?.active || user.email === null) throw invalid();
        const { id: userId } = user;
        const outcome = await stores.users.verifyEmail(
          { userId, tokenHash },
          {
            ...recordOf(context),
            at: now(),
            action: "user.verifyEmail",
            result: "success",
            actorUserId: userId,
            subjectType: "user",
            subjectId: userId,
            detail: { email: user.email },
          },
        );
        // Another address has no link any more, so that it is this one's that was used.
        if (outcome === "tokenInvalid") throw invalid();
        return user.email;
      });
      return ok(200, { email });
    },
  };
};
