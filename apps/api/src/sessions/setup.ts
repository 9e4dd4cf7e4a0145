import type { Handlers } from "../http/endpoint.ts";
import { type Origins, type RateLimit, takeAttempt } from "@sallyport/shared/rules";
import { createAdmin } from "../users/create-admin.ts";
import type { Passwords } from "../users/passwords.ts";
import { networkOf } from "../http/network-of.ts";
import { startSession, type SessionDependencies } from "./start-session.ts";

/** The setup link creates the first admin and signs them in. */
export const createSetupHandlers = (
  dependencies: SessionDependencies & {
    readonly passwords: Passwords;
    readonly addressLimit: RateLimit;
    readonly origins: Origins;
  },
): Pick<Handlers, "POST /setup"> => ({
  "POST /setup": async ({ body, context, ok }) => {
    const { origins, addressLimit, now } = dependencies;
    const { token, delivery = "cookie", ...person } = body;
    if (delivery === "cookie")
      origins.requireForCookies(context.origin, context.header("sec-fetch-site"));
    const giveBack = takeAttempt([[addressLimit, networkOf(context.address)]], now());
    const userId = await createAdmin(dependencies, person, {
      setupToken: token,
      audit: {
        address: context.address,
        userAgent: context.userAgent,
        requestId: context.requestId,
      },
    });
    giveBack();
    const delivered = await startSession(dependencies, {
      userId,
      delivery,
      amr: ["pwd"],
      replaced: null,
      context,
      action: "session.setup",
    });
    if (!delivered) throw new Error("The admin who has just been created is gone");
    return ok(200, delivered.body, { cookies: delivered.cookies });
  },
});
