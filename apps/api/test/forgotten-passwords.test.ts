/** Links that go by mail: what no behaviour of the suite shows of them. */
import { describe, expect, it } from "vitest";
import { createTeamApp, passwordOf, type TeamApp } from "./team.ts";
import { createBrowser, request, signInForBody, type Reply } from "./test-browser.ts";

const minute = 60_000;
const newPassword = "four words that nobody knows";

const createApp = () => createTeamApp({ environment: { SALLYPORT_MAILBOX: "1" } });
const sendDue = ({ dependencies }: TeamApp) => dependencies.scheduledWork.runOwn("sendMails");
const ask = (app: TeamApp, usernameOrEmail: string): Promise<Reply> =>
  request(app, "POST", "/password-resets", { body: { usernameOrEmail } });
const tokens = ({ dependencies }: TeamApp): readonly string[] =>
  (dependencies.mailbox?.list() ?? []).flatMap(
    ({ text }) => /#([A-Za-z0-9_-]{43})$/m.exec(text)?.[1] ?? [],
  );
const askForToken = async (app: TeamApp): Promise<string> => {
  await ask(app, "nora");
  await sendDue(app);
  return tokens(app)[0] ?? "";
};
const confirm = (app: TeamApp, token: string): Promise<Reply> =>
  request(app, "POST", "/password-resets/confirm", { body: { token, newPassword } });

/** What differs between any two answers. */
const ofThisRequest = new Set(["x-request-id", "ratelimit", "date"]);
const seenOf = ({ status, headers, text }: Reply): unknown => [
  status,
  text,
  [...headers].filter(([name]) => !ofThisRequest.has(name)),
];

describe("a forgotten password", () => {
  it("is answered the same for everybody, and nothing is looked up, hashed or sent before", async () => {
    const app = await createApp();
    const { users, outbox } = app.dependencies.stores;
    const asked: string[] = [];
    for (const [store, method] of [
      [users, "find"],
      [users, "findByVerifiedEmail"],
      [users, "readRights"],
      [outbox, "addLink"],
    ] as const) {
      const answer = (store as unknown as Record<string, (...given: unknown[]) => unknown>)[method];
      Object.assign(store, {
        [method]: (...given: unknown[]) => {
          asked.push(method);
          return answer?.(...given);
        },
      });
    }
    const known = await ask(app, "nora");
    expect(known.status).toBe(202);
    for (const other of ["nobody", "nora@example.com", "nobody@example.com", "dan"])
      expect(seenOf(await ask(app, other))).toEqual(seenOf(known));
    expect(asked).toEqual([]);
    await sendDue(app);
    expect(asked).toContain("addLink");
    // dan is deactivated.
    expect(app.dependencies.mailbox?.list().map(({ to }) => to)).toEqual([
      "nora@example.com",
      "nora@example.com",
    ]);
  });

  it("is chosen anew once: of two who use the link at once one gets it", async () => {
    const app = await createApp();
    const token = await askForToken(app);
    const answers = await Promise.all([confirm(app, token), confirm(app, token)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 401]);
    expect(app.auditEvents("user.choosePassword")).toMatchObject([
      { actorName: "nora", detail: { by: "mail" } },
    ]);
    expect(app.auditEvents("user.askPasswordReset")).toMatchObject([
      { subjectName: "nora", address: "192.0.2.1" },
    ]);
  });

  it("is not chosen on a link of more than ten minutes, or after the address has changed", async () => {
    const app = await createApp();
    const expired = await askForToken(app);
    app.clock.advance(10 * minute);
    expect((await confirm(app, expired)).body.code).toBe("one_use_token_invalid");
    const overtaken = await askForToken(app);
    // By hand, past the API, as well.
    app.runSql("UPDATE users SET email = 'other@example.com' WHERE username = 'nora'");
    expect((await confirm(app, overtaken)).body.code).toBe("one_use_token_invalid");
    expect(app.runSql("SELECT email_verified FROM users WHERE username = 'nora'")).toEqual([
      { email_verified: 0 },
    ]);
    await ask(app, "nora");
    await sendDue(app);
    expect(tokens(app)).toHaveLength(2);
  });

  it("leaves whoever is signed in where the link is opened as they are, and signs nobody in", async () => {
    const app = await createApp();
    const token = await askForToken(app);
    const mike = createBrowser(app);
    await mike.signIn("mike");
    const answer = await mike.send("POST", "/password-resets/confirm", {
      body: { token, newPassword },
    });
    expect([answer.status, answer.setCookies]).toEqual([204, []]);
    expect((await mike.send("GET", "/session")).body.user?.username).toBe("mike");
    const signIn = (password: string) =>
      request(app, "POST", "/login", { body: { username: "nora", password, delivery: "body" } });
    expect((await signIn(passwordOf("nora"))).status).toBe(401);
    expect((await signIn(newPassword)).status).toBe(200);
  });

  it("has a token that the database does not give away", async () => {
    const app = await createApp();
    await ask(app, "nora");
    // Looked up, and not sent yet.
    const { mailbox } = app.dependencies;
    const send = mailbox?.send;
    let stored: unknown[] = [];
    if (mailbox)
      mailbox.send = async (mail) => {
        stored = [
          ...app.runSql("SELECT * FROM outbox"),
          ...app.runSql("SELECT * FROM one_use_tokens"),
        ];
        return send?.(mail) ?? { isSent: true };
      };
    await sendDue(app);
    const [token = ""] = tokens(app);
    expect(token).toHaveLength(43);
    expect(stored).toHaveLength(2);
    expect(JSON.stringify(stored)).not.toContain(token);
  });
});

describe("an address", () => {
  it("is verified by whoever has the link, in any browser, and once", async () => {
    const app = await createApp();
    app.runSql("UPDATE users SET email_verified = 0 WHERE username = 'nora'");
    const nora = await signInForBody(app, "nora");
    expect((await nora.send("POST", "/email-verifications")).status).toBe(204);
    await sendDue(app);
    const [token = ""] = tokens(app);
    const elsewhere = (): Promise<Reply> =>
      request(app, "POST", "/email-verifications/confirm", { body: { token } });
    const answers = await Promise.all([elsewhere(), elsewhere()]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    expect((await nora.send("GET", "/account/email")).body).toEqual({
      email: "nora@example.com",
      verified: true,
      mail: true,
    });
    // Another purpose, another link.
    expect((await confirm(app, token)).body.code).toBe("one_use_token_invalid");
    expect(app.auditEvents("user.verifyEmail")).toMatchObject([
      { actorName: "nora", detail: { email: "nora@example.com" } },
    ]);
  });
});
