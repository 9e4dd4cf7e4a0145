/** Notices by mail, with a real mail server. */
import { Agent } from "node:http";
import { describe, expect, it } from "vitest";
import { createTeamApp, type TeamApp } from "./team.ts";
import { findFreePort, send, startApiProcess } from "./api-process.ts";
import { createSmtpMailer } from "../src/mail/smtp-mailer.ts";
import type { SmtpServer } from "../src/mail/smtp-address.ts";
import { makeCertificate, openSmtpSink, type SmtpSink } from "./smtp-sink.ts";
import { createDirectory, run } from "./tool.ts";
import { signInForBody } from "./test-browser.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const from = "Dashboards <dashboards@example.com>";

const mailSettings = ({ port }: Pick<SmtpSink, "port">): Record<string, string> => ({
  SALLYPORT_SMTP_URL: `smtp://localhost:${port}`,
  SALLYPORT_MAIL_FROM: from,
});

/** An installation whose mica has a link made for nora. */
const createApp = async (environment: Record<string, string>) => {
  const app = await createTeamApp({ environment });
  const mica = await signInForBody(app, "mica");
  const makeLink = async (): Promise<string> => {
    const { status, body } = await mica.send("POST", `/users/${app.userIds.nora}/password-link`);
    expect(status).toBe(200);
    return String(body["link"]);
  };
  const undelivered = async (): Promise<unknown> =>
    (await (await signInForBody(app, "mica")).send("GET", "/undelivered-mails")).body.items;
  const sendDue = () => app.dependencies.scheduledWork.runOwn("sendMails");
  return { app, makeLink, undelivered, sendDue };
};

describe("notices by mail", () => {
  it("go to the user's address after the answer, once, and bring no link of their own", async () => {
    const sink = await openSmtpSink();
    const { makeLink, sendDue, undelivered } = await createApp(mailSettings(sink));
    const link = await makeLink();
    expect(sink.mails).toEqual([]);
    await sendDue();
    await sendDue();
    expect(sink.mails).toHaveLength(1);
    const [mail] = sink.mails;
    expect(mail).toMatchObject({
      from: { name: "Dashboards", address: "dashboards@example.com" },
      to: [{ address: "nora@example.com" }],
      subject: "A link was made on which your password can be changed",
      messageId: expect.stringMatching(/^<mai_[\w-]{22}@localhost>$/),
      isOverTls: false,
    });
    expect(mail?.headers).toContainEqual(
      expect.objectContaining({ key: "auto-submitted", value: "auto-generated" }),
    );
    for (const body of [mail?.text, mail?.html]) {
      expect(body).toContain("mica had a link made");
      expect(body).not.toContain(link.split("#")[1]);
    }
    expect(await undelivered()).toEqual([]);
  });

  it("hold up nobody: neither the answer nor the end of the process waits for the mail server", async () => {
    const sink = await openSmtpSink();
    const release = sink.hold();
    const { app, makeLink, sendDue } = await createApp(mailSettings(sink));
    await makeLink();
    const sending = sendDue();
    await sink.arrived(1);
    await makeLink();
    // What is asked for meanwhile waits its turn, and nothing is sent twice.
    await Promise.all([sendDue(), app.dependencies.close()]);
    await sending;
    expect(sink.mails).toHaveLength(1);
    release();
  });

  it("are tried again later and later, under the same Message-ID, and arrive once", async () => {
    const sink = await openSmtpSink();
    const { app, makeLink, sendDue, undelivered } = await createApp(mailSettings(sink));
    await makeLink();
    sink.refuse("message", "451 not now");
    await sendDue();
    expect(await undelivered()).toMatchObject([
      {
        user: { username: "nora" },
        to: "nora@example.com",
        kind: "passwordLinkMade",
        attempts: 1,
        failure: expect.stringContaining("not now"),
        triedAgainAt: new Date(app.clock.now() + minute).toISOString(),
      },
    ]);
    app.clock.advance(minute);
    await sendDue();
    app.clock.advance(minute);
    await sendDue();
    expect(await undelivered()).toMatchObject([{ attempts: 2 }]);
    sink.refuse("message", null);
    app.clock.advance(minute);
    await sendDue();
    expect(sink.mails).toHaveLength(1);
    expect(await undelivered()).toEqual([]);
  });

  it("are given up after a day, or at once where nobody has the address, and shown for a week", async () => {
    const sink = await openSmtpSink();
    const { app, makeLink, sendDue, undelivered } = await createApp(mailSettings(sink));
    sink.refuse("recipient", "550 no such user here");
    await makeLink();
    await sendDue();
    expect(await undelivered()).toMatchObject([
      { attempts: 1, triedAgainAt: null, failure: expect.stringContaining("no such user here") },
    ]);
    sink.refuse("recipient", null);
    sink.refuse("sender", "550 not your address");
    await makeLink();
    for (let waited = 0; waited < day; waited += hour) {
      await sendDue();
      app.clock.advance(hour);
    }
    await sendDue();
    const [last] = (await undelivered()) as readonly Readonly<Record<string, unknown>>[];
    expect(last).toMatchObject({
      triedAgainAt: null,
      failure: expect.stringContaining("SALLYPORT_MAIL_FROM"),
    });
    expect(last?.["attempts"]).toBeGreaterThan(20);
    sink.refuse("sender", null);
    app.clock.advance(7 * day);
    await app.dependencies.scheduledWork.runDue();
    expect(await undelivered()).toEqual([]);
    expect(sink.mails).toEqual([]);
  });

  it("are sent by another process, where one dies at it", async () => {
    const sink = await openSmtpSink();
    const { app, makeLink, sendDue } = await createApp(mailSettings(sink));
    await makeLink();
    const { outbox } = app.dependencies.stores;
    const [found] = await outbox.listDue(app.clock.now(), 1);
    // As one does that is killed while it sends.
    await outbox.claim(found ?? { id: "", attempts: 0 }, app.clock.now() + 5 * minute);
    await sendDue();
    expect(sink.mails).toEqual([]);
    app.clock.advance(5 * minute);
    await sendDue();
    expect(sink.mails.map(({ messageId }) => messageId)).toEqual([`<${found?.id}@localhost>`]);
  });

  it("outlive kill -9 between the change and the mail", async () => {
    const sink = await openSmtpSink();
    const directory = createDirectory();
    const environment = {
      SALLYPORT_DATA_DIR: directory,
      SALLYPORT_SAMPLE_DATA: "1",
      ...mailSettings(sink),
    };
    const port = await findFreePort();
    const api = await startApiProcess(port, environment);
    const agent = new Agent();
    const call = (path: string, headers: Record<string, string>, body: object) =>
      send(agent, port, "POST", path, { headers, body });
    const { body: session } = await call(
      "/login",
      {},
      { username: "mica", password: "sample-mica-passphrase", delivery: "body" },
    );
    const headers = { Authorization: `Bearer ${String(session?.["accessToken"])}` };
    const people = await send(agent, port, "GET", "/users?q=nora", { headers });
    const [nora] = (people.body as unknown as { items: readonly { id: string }[] }).items;
    const made = await call(`/users/${nora?.id}/password-link`, headers, {});
    await api.kill();
    expect(made.status).toBe(200);
    agent.destroy();
    const again = await startApiProcess(port, environment);
    await sink.arrived(1);
    await again.kill();
    expect(new Set(sink.mails.map(({ messageId }) => messageId)).size).toBe(1);
  });

  it("are forgotten where there is no mail server, so that none arrives years later", async () => {
    const { app, makeLink, sendDue } = await createApp({});
    await makeLink();
    await sendDue();
    expect(await app.dependencies.stores.outbox.listDue(app.clock.now() + day, 10)).toEqual([]);
  });
});

describe("the mail server", () => {
  const mail = {
    messageId: "<one@example.com>",
    date: 0,
    to: "nora@example.com",
    subject: "Grüße",
    text: "text",
    html: "<p>text</p>",
  };
  const sender = { name: "Dashboards", address: "dashboards@example.com" };
  const serverAt = (port: number, more: Partial<SmtpServer> = {}): SmtpServer => ({
    host: "localhost",
    port,
    security: "starttls",
    credentials: null,
    ...more,
  });
  const reasonOf = async (
    server: SmtpServer,
    tls: Parameters<typeof createSmtpMailer>[2] = {},
  ): Promise<string> => {
    const outcome = await createSmtpMailer(server, sender, tls).send(mail);
    return outcome.isSent ? "sent" : outcome.reason;
  };

  it("is spoken to over TLS, by STARTTLS or from the first byte, and its certificate counts", async () => {
    const { key, cert } = await makeCertificate();
    const trusting = { ca: cert };
    const byStartTls = await openSmtpSink({ key, cert });
    const fromTheFirst = await openSmtpSink({ key, cert, secure: true });
    expect(await reasonOf(serverAt(byStartTls.port), trusting)).toBe("sent");
    const implicit = serverAt(fromTheFirst.port, { security: "tls" });
    expect(await reasonOf(implicit, trusting)).toBe("sent");
    for (const { mails } of [byStartTls, fromTheFirst])
      expect(mails).toMatchObject([{ subject: "Grüße", isOverTls: true }]);
    for (const untrusted of [serverAt(byStartTls.port), implicit])
      expect(await reasonOf(untrusted)).toMatch(/TLS .* failed: “self.signed.*NODE_EXTRA_CA_CERTS/);
    // A certificate for another name is as bad.
    expect(await reasonOf(serverAt(byStartTls.port, { host: "127.0.0.1" }), trusting)).toMatch(
      /TLS .* failed/,
    );
    // Whoever is on the way takes STARTTLS out of what the server offers.
    const stripped = await openSmtpSink({ disabledCommands: ["STARTTLS"] });
    expect(await reasonOf(serverAt(stripped.port), trusting)).toMatch(/TLS .* failed/);
    expect(stripped.mails).toEqual([]);
  });

  it("says in words what is wrong: names, ports, credentials, sender, recipient", async () => {
    const { key, cert } = await makeCertificate();
    const sink = await openSmtpSink({
      key,
      cert,
      authOptional: false,
      onAuth: ({ username, password }, _, done) =>
        username === "us" && password === "p@ss/word"
          ? done(null, { user: "us" })
          : done(new Error("Nobody knows you")),
    });
    const trusting = { ca: cert };
    const credentials = { user: "us", password: "p@ss/word" };
    expect(await reasonOf(serverAt(sink.port, { credentials }), trusting)).toBe("sent");
    const reasons: Readonly<Record<string, SmtpServer>> = {
      "did not accept the credentials": serverAt(sink.port, {
        credentials: { user: "us", password: "wrong" },
      }),
      "wants credentials": serverAt(sink.port),
      "was not found": serverAt(25, { host: "mail.invalid" }),
      "Nothing listens": serverAt(await findFreePort()),
    };
    for (const [words, server] of Object.entries(reasons))
      expect(await reasonOf(server, trusting)).toContain(words);
    const open = await openSmtpSink();
    const plain = serverAt(open.port, { security: "none" });
    open.refuse("sender", "550 Not your address");
    expect(await reasonOf(plain)).toMatch(/sender: “550 Not your address”.*SALLYPORT_MAIL_FROM/);
    open.refuse("sender", null);
    open.refuse("recipient", "550 No such user");
    expect(await createSmtpMailer(plain, sender).send(mail)).toMatchObject({
      isSent: false,
      isFinal: true,
    });
    expect(open.mails).toEqual([]);
  });

  it("is tried by the command-line tool", async () => {
    const sink = await openSmtpSink();
    const directory = createDirectory();
    const tryIt = (environment: Record<string, string>, to = "you@example.com") =>
      run(directory, ["mail", "test", "--to", to], { environment });
    expect(await tryIt(mailSettings(sink))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("has taken a mail"),
    });
    expect(sink.mails).toMatchObject([{ to: [{ address: "you@example.com" }] }]);
    expect(await tryIt({})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("SALLYPORT_SMTP_URL"),
    });
    sink.refuse("recipient", "550 No such user");
    expect(await tryIt(mailSettings(sink))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("550 No such user"),
    });
    expect(await tryIt(mailSettings(sink), "you and them")).toMatchObject({ code: 1 });
  });
});

describe("the mailbox", () => {
  const open = async (app: TeamApp, address = "http://localhost:4000/mailbox") =>
    app.app.request(address);

  it("shows what would have been sent, on this very machine only", async () => {
    const { app, makeLink, sendDue } = await createApp({ SALLYPORT_MAILBOX: "1" });
    expect(await (await open(app)).text()).toContain("No mail yet.");
    await makeLink();
    await sendDue();
    const answer = await open(app);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    const page = await answer.text();
    expect(page).toContain("<bdi>nora@example.com</bdi>");
    expect(page).toContain("mica had a link made");
    expect((await open(app, "http://attacker.example:4000/mailbox")).status).toBe(403);
  });

  it("is not there unless it is asked for", async () => {
    const { app } = await createApp({});
    expect((await open(app)).status).toBe(404);
  });
});
