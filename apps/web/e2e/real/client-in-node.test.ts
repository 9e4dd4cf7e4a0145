import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createClient, NetworkError, type Client } from "@sallyport/shared/client";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { validateResponse } from "@sallyport/shared/validation";
import { expect, onTestFinished, test } from "vitest";
import { minutes, startInstallation, type Installation } from "./installation.ts";

const credentialsOf = (username: string) => ({ username, password: samplePasswordOf(username) });
const openClient = ({ apiUrl }: Installation): Client => {
  const client = createClient({ baseUrl: apiUrl, delivery: "bearer", validateResponse });
  onTestFinished(() => client.dispose());
  return client;
};
const openThread = ({ apiUrl }: Installation, username: string) => {
  const thread = new Worker(new URL("./client-thread.ts", import.meta.url), {
    execArgv: ["--conditions=sallyport-source", "--disable-warning=ExperimentalWarning"],
    workerData: { baseUrl: apiUrl, ...credentialsOf(username) },
  });
  onTestFinished(async () => void (await thread.terminate()));
  return async (what: string): Promise<unknown> => {
    thread.postMessage(what);
    const [answer] = (await once(thread, "message")) as [{ value?: unknown; error?: string }];
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  };
};

test("in Node the client signs in for tokens in its memory, refreshes in silence, hears of changes and signs out", async () => {
  const installation = await startInstallation();
  const client = openClient(installation);
  expect(await client.start()).toMatchObject({ status: "visitor" });
  const session = await client.signIn(credentialsOf("mike"));
  expect(session).toMatchObject({ user: { username: "mike" } });
  expect(JSON.stringify([session, client.state()])).not.toMatch(/accessToken|refreshToken/);
  expect((await client.call("GET /sections")).items.map(({ slug }) => slug)).toEqual([
    "welcome",
    "marketing",
  ]);

  installation.serverClockAdvances(minutes(6));
  installation.wire.forget();
  const sections = await Promise.all(
    Array.from({ length: 5 }, () =>
      client.call("GET /sections/:slug", {
        params: { slug: "marketing" },
        query: { include: "data" },
      }),
    ),
  );
  expect(sections.map(({ title }) => title)).toEqual(Array.from({ length: 5 }, () => "Marketing"));
  expect(installation.wire.count("POST /refresh")).toBe(1);
  expect(installation.wire.requests.map(({ headers }) => headers.cookie)).not.toContainEqual(
    expect.anything(),
  );

  const changed = new Promise<string[]>((resolve) => {
    client.on("permissionsChanged", ({ after }) => resolve(after.sections.map(({ slug }) => slug)));
  });
  await expect.poll(() => installation.wire.count("GET /session/events")).toBe(1);
  installation.api.runSql(
    "delete from grants where section_id = (select id from sections where slug = 'marketing')",
  );
  expect(await changed).toEqual(["welcome"]);
  await client.signOut();
  expect(client.state()).toMatchObject({ status: "visitor" });
});

test("in Node a request is aborted on the wire, and a server that is gone is a NetworkError and no sign-out", async () => {
  const installation = await startInstallation();
  const client = openClient(installation);
  await client.signIn(credentialsOf("mike"));
  const controller = new AbortController();
  installation.wire.interfere(({ path }) =>
    path === "/sections"
      ? { before: new Promise((resolve) => void setTimeout(resolve, 500)) }
      : undefined,
  );
  const waiting = client.call("GET /sections", {}, { signal: controller.signal });
  await expect.poll(() => installation.wire.count("GET /sections")).toBe(1);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ name: "NetworkError", aborted: true });
  await installation.wire.unplug();
  const events: string[] = [];
  client.on("connectionLost", () => events.push("lost"));
  client.on("connectionRestored", () => events.push("restored"));
  await expect(client.call("GET /session")).rejects.toBeInstanceOf(NetworkError);
  await installation.wire.plugIn();
  await expect.poll(() => events).toEqual(["lost", "restored"]);
  expect(client.state()).toMatchObject({ status: "signedIn", connection: "online" });
});

test("threads of one process have sessions of their own: nothing is shared, and nobody hears of another", async () => {
  const installation = await startInstallation();
  const client = openClient(installation);
  const heard: string[] = [];
  for (const event of ["signedIn", "userChanged", "signedOut"] as const)
    client.on(event, () => heard.push(event));
  const mica = openThread(installation, "mica");
  await client.signIn(credentialsOf("mike"));
  expect(await mica("sign in")).toBe("mica");
  installation.serverClockAdvances(minutes(6));
  installation.wire.forget();
  expect(await mica("list sections")).toContain("finance");
  expect((await client.call("GET /sections")).items).toHaveLength(2);
  expect(installation.wire.count("POST /refresh")).toBe(2);
  await mica("sign out");
  expect((await client.call("GET /session")).user.username).toBe("mike");
  expect(heard).toEqual(["signedIn"]);
  expect(await mica("tell events")).toEqual(["signedIn", "signedOut"]);
  await mica("dispose");
});
