import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { samplePasswordOf } from "@sallyport/shared/sample";
import type { Client } from "@sallyport/shared/client";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { buildBrowserClient } from "../../../../packages/shared/build/browser-client.ts";
import { minutes, startInstallation, type Installation } from "./installation.ts";

const kinds = ["worker", "shared worker", "service worker"] as const;
type Kind = (typeof kinds)[number];

/** One script for all kinds: it has a client of its own, and no document. */
const worker = `
import { createClient } from "./sallyport-client.js";
const client = createClient({ baseUrl: new URL(location.href).searchParams.get("api") });
const events = [];
client.on("signedIn", ({ user }) => events.push("signedIn " + user.username));
client.on("signedOut", () => events.push("signedOut"));
const does = {
  state: async () => (await client.start(), client.state().status),
  section: async () => (await client.call("GET /sections/:slug", { params: { slug: "finance" } })).title,
  events: async () => events,
  signOut: () => client.signOut(),
  hasDocument: async () => "document" in globalThis || "localStorage" in globalThis,
};
const answer = ({ data, ports: [port] }) =>
  does[data]().then((value) => port.postMessage({ value }), (error) => port.postMessage({ value: error.code ?? error.name }));
addEventListener("message", answer);
addEventListener("connect", ({ ports: [port] }) => void (port.onmessage = answer));
`;

const index = `<!doctype html><title>A page with a worker</title><script type="module">
import { createClient } from "./sallyport-client.js";
const api = new URL(location.href).searchParams.get("api");
globalThis.client = createClient({ baseUrl: api });
await client.start();
const script = "worker.js?api=" + encodeURIComponent(api);
const open = {
  worker: async () => new Worker(script, { type: "module" }),
  "shared worker": async () => new SharedWorker(script, { type: "module" }).port,
  "service worker": async () => {
    await navigator.serviceWorker.register(script, { type: "module" });
    return (await navigator.serviceWorker.ready).active;
  },
};
const opened = {};
globalThis.ask = async (kind, what) => {
  const target = await (opened[kind] ??= open[kind]());
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data.value)));
  target.postMessage(what, [port2]);
  return answered;
};
</script>`;

type WorkerPage = typeof globalThis & {
  client: Client;
  ask: (kind: Kind, what: string) => Promise<unknown>;
};
const ask = (page: Page, kind: Kind, what: string): Promise<unknown> =>
  page.evaluate(([kind, what]) => (globalThis as WorkerPage).ask(kind, what), [
    kind,
    what,
  ] as const);
const callInPage = (page: Page): Promise<string> =>
  page.evaluate(
    async () =>
      (
        await (globalThis as WorkerPage).client.call("GET /sections/:slug", {
          params: { slug: "finance" },
        })
      ).title,
  );
const signIn = (page: Page): Promise<void> =>
  page.evaluate(
    async (password) =>
      void (await (globalThis as WorkerPage).client.signIn({ username: "mica", password })),
    samplePasswordOf("mica"),
  );

const openPage = async (): Promise<{ installation: Installation; page: Page }> => {
  const directory = await mkdtemp(join(tmpdir(), "sallyport-workers-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await buildBrowserClient(join(directory, "sallyport-client.js"));
  await writeFile(join(directory, "worker.js"), worker);
  await writeFile(join(directory, "index.html"), index);
  const installation = await startInstallation({ directory });
  const page = await installation.newPage();
  await page.goto(installation.at(`/?api=${encodeURIComponent(installation.apiUrl)}`));
  await page.waitForFunction(() => "ask" in globalThis);
  return { installation, page };
};

for (const kind of kinds) {
  test(`a ${kind} has the session of its pages: it hears of their sign-in, calls with their cookies, and its sign-out is theirs`, async () => {
    const { page } = await openPage();
    expect(await ask(page, kind, "hasDocument")).toBe(false);
    expect(await ask(page, kind, "state")).toBe("visitor");
    expect(await ask(page, kind, "section")).toBe("token_missing");
    await signIn(page);
    await expect.poll(() => ask(page, kind, "state")).toBe("signedIn");
    expect(await ask(page, kind, "section")).toBe("Finance");
    await ask(page, kind, "signOut");
    await expect
      .poll(() => page.evaluate(() => (globalThis as WorkerPage).client.state().status))
      .toBe("visitor");
    expect(await ask(page, kind, "events")).toEqual(["signedIn mica", "signedOut"]);
  });

  test(`a ${kind} and its page that meet an expired token at once make one refresh, whichever has it to make`, async () => {
    const { installation, page } = await openPage();
    await signIn(page);
    expect(await ask(page, kind, "section")).toBe("Finance");
    for (const together of [
      () => [ask(page, kind, "section"), callInPage(page)],
      () => [ask(page, kind, "section")],
      () => [callInPage(page)],
    ]) {
      installation.serverClockAdvances(minutes(6));
      installation.wire.forget();
      expect(new Set(await Promise.all(together()))).toEqual(new Set(["Finance"]));
      expect(await ask(page, kind, "section")).toBe("Finance");
      expect(await callInPage(page)).toBe("Finance");
      expect(installation.wire.count("POST /refresh")).toBe(1);
    }
  });
}
