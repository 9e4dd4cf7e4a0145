import type { Handlers } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { networksOf } from "../answering/networks.ts";
import { addAdmin } from "../users/add-admin.ts";
import { readDevice } from "./known-devices.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import { startSession } from "./start-session.ts";

/** Says whether there is an admin; the setup link creates the first one and signs them in. */
export const createSetupHandlers = (
  dependencies: SessionDependencies,
): Pick<Handlers, "GET /setup" | "POST /setup"> => ({
  "GET /setup": async ({ ok }) =>
    ok(200, {
      done: await dependencies.stores.users.hasAdmin(),
      mail: dependencies.sendsMail(),
    }),
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
      const { address, userAgent, requestId } = context;
      userId = await addAdmin(dependencies, person, {
        setupToken: token,
        audit: { address, userAgent, requestId },
      });
    } catch (error) {
      // Whoever gets further than the token has not guessed.
      if (error instanceof AppError && error.code !== "one_use_token_invalid") await attempt.end();
      else await attempt.fail();
      throw error;
    }
    await attempt.end();
    dependencies.noteSetUp?.();
    const delivered = await startSession(dependencies, {
      userId,
      delivery,
      amr: ["pwd"],
      remembered: true,
      replaced: null,
      device: delivery === "cookie" ? readDevice(context.header, cookies) : null,
      context,
      action: "session.setup",
    });
    if (!delivered) throw new Error("The admin who has just been created is gone");
    return ok(200, delivered.body, { cookies: delivered.cookies });
  },
});
