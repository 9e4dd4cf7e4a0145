import type { Handlers } from "../http/endpoint.ts";
import {
  AppError,
  networksOf,
  type Origins,
  readDevice,
  type SignInQueue,
} from "@sallyport/shared/rules";
import { createAdmin } from "../users/create-admin.ts";
import type { Passwords } from "../users/passwords.ts";
import { startSession, type SessionDependencies } from "./start-session.ts";

/** The setup link creates the first admin and signs them in. */
export const createSetupHandlers = (
  dependencies: SessionDependencies & {
    readonly passwords: Passwords;
    readonly signInQueue: SignInQueue;
    readonly origins: Origins;
  },
): Pick<Handlers, "POST /setup"> => ({
  "POST /setup": async ({ body, context, ok }) => {
    const { origins, signInQueue, cookies } = dependencies;
    const { token, delivery = "cookie", ...person } = body;
    if (delivery === "cookie")
      origins.requireForCookies(context.origin, context.header("sec-fetch-site"));
    const attempt = await signInQueue.enter({
      account: null,
      networks: networksOf(context.address),
      device: null,
    });
    let userId: string;
    try {
      userId = await createAdmin(dependencies, person, {
        setupToken: token,
        audit: {
          address: context.address,
          userAgent: context.userAgent,
          requestId: context.requestId,
        },
      });
    } catch (error) {
      if (error instanceof AppError && error.code === "busy") attempt.end();
      else attempt.fail();
      throw error;
    }
    attempt.end();
    const delivered = await startSession(dependencies, {
      userId,
      delivery,
      amr: ["pwd"],
      replaced: null,
      device: delivery === "cookie" ? readDevice(context.header, cookies) : null,
      context,
      action: "session.setup",
    });
    if (!delivered) throw new Error("The admin who has just been created is gone");
    return ok(200, delivered.body, { cookies: delivered.cookies });
  },
});
