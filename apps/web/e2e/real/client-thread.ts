/** A client in a thread of Node: does what it is told, and answers with what came of it. */
import { parentPort, workerData } from "node:worker_threads";
import { createClient } from "@sallyport/shared/client";

const { baseUrl, username, password } = workerData as Readonly<
  Record<"baseUrl" | "username" | "password", string>
>;
const client = createClient({ baseUrl, delivery: "bearer" });
const events: string[] = [];
client.on("signedIn", () => events.push("signedIn"));
client.on("userChanged", () => events.push("userChanged"));
client.on("signedOut", () => events.push("signedOut"));

const does: Readonly<Record<string, () => Promise<unknown>>> = {
  "sign in": async () => (await client.signIn({ username, password })).user.username,
  "list sections": async () => (await client.call("GET /sections")).items.map(({ slug }) => slug),
  "tell events": async () => events,
  "sign out": () => client.signOut(),
  dispose: async () => client.dispose(),
};
parentPort?.on("message", (what: string) => {
  Promise.resolve(does[what]?.()).then(
    (value) => parentPort?.postMessage({ value }),
    (error: unknown) => parentPort?.postMessage({ error: String(error) }),
  );
});
