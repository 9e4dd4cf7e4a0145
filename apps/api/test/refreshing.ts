/** Refreshing with a token that the test names, by either delivery. */
import type { SessionRow } from "@sallyport/shared/core";
import { onTestFinished } from "vitest";
import { createTeamApp, type TeamApp } from "./team.ts";
import { createTestApp, createTestClock } from "./test-app.ts";
import { createBrowser, request, signInForBody, type Reply } from "./test-browser.ts";

export const sessionOf = async (app: TeamApp, id: string): Promise<SessionRow> => {
  const found = await app.dependencies.stores.sessions.read(id);
  if (found === null) throw new Error(`There is no session ${id}`);
  return found.row;
};
/** Of sessions: how the team came to be is recorded, too. */
export const auditActions = (app: TeamApp): string[] =>
  app
    .auditEvents()
    .map(({ action }) => action)
    .filter((action) => action.startsWith("session."));

export const outcomeOf = (reply: Reply): object => ({
  status: reply.status,
  code: reply.body.code,
  reason: reply.body.reason,
  cookies: reply.setCookies,
  challenge: reply.headers.get("www-authenticate"),
});
export const refusal = (reason?: string): object => ({
  status: 401,
  code: "refresh_invalid",
  reason,
  cookies: [],
  challenge: 'Bearer realm="Sallyport", error="invalid_token"',
});

/**
 * The two deliveries behind one face: refresh with a token that the test names, and read the one
 * that came back.
 */
export const deliveries = {
  cookie: async (app: TeamApp, username = "mike") => {
    const browser = createBrowser(app);
    const reply = await browser.signIn(username);
    return {
      sessionId: reply.body.session?.id ?? "",
      first: browser.refreshToken,
      present: async (token: string, key?: string, address?: string) => {
        const other = browser.copy(address === undefined ? {} : { address, userAgent: "Thief" });
        const name = [...other.jar.keys()].find((cookie) => cookie.includes("refresh")) ?? "";
        other.jar.set(name, token);
        const given = await other.refresh(key);
        return { reply: given, token: given.status === 200 ? other.refreshToken : "" };
      },
    };
  },
  body: async (app: TeamApp, username = "mike") => {
    const client = await signInForBody(app, username);
    return {
      sessionId: client.refreshToken.split(".")[0] ?? "",
      first: client.refreshToken,
      present: async (token: string, key?: string, address = "192.0.2.1") => {
        const given = await request(app, "POST", "/refresh", {
          body: { refreshToken: token },
          address,
          headers: {
            "idempotency-key": key,
            "user-agent": address === "192.0.2.1" ? "Test Browser" : "Thief",
          },
        });
        return { reply: given, token: given.body.refreshToken ?? "" };
      },
    };
  },
};

/** An app in which somebody has signed in. */
export const openDelivery = async (
  delivery: keyof typeof deliveries,
  options: Parameters<typeof createTeamApp>[0] = {},
  username?: string,
) => {
  const app = await createTeamApp(options);
  return { app, ...(await deliveries[delivery](app, username)) };
};

/** Another process on the same data directory, with other settings and the same clock. */
export const createTeamAppBeside = async (app: TeamApp, environment: Record<string, string>) => {
  const beside = await createTestApp({
    dataDirectory: app.dataDirectory,
    environment: { SALLYPORT_SAMPLE_DATA: "0", ...environment },
    clock: createTestClock(app.clock.now()),
  });
  onTestFinished(() => beside.close());
  return beside;
};

export const presentTo = async (
  app: Awaited<ReturnType<typeof createTeamAppBeside>>,
  delivery: "cookie" | "body",
  token: string,
  key: string,
) => {
  if (delivery === "body") {
    const reply = await request(app, "POST", "/refresh", {
      body: { refreshToken: token },
      headers: { "idempotency-key": key },
    });
    return { reply, token: reply.body.refreshToken ?? "" };
  }
  const browser = createBrowser(app);
  browser.jar.set("sallyport-refresh-4000", token);
  const reply = await browser.refresh(key);
  return { reply, token: browser.refreshToken };
};
