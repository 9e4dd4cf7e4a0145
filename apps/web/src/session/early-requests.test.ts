import { expect, onTestFinished, test, vi } from "vitest";
import { earlyUrls, fetchAfter, type EarlyRequest } from "./early-requests.ts";

const api = "https://api.example.com";
const get = { method: "GET" };

/** Sends nothing; says what would have been sent. */
const watchFetch = (): string[] => {
  const sent: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    sent.push(url);
    return Promise.resolve(new Response("own"));
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return sent;
};
const early = (url: string, response: Promise<Response>, askedAt = performance.now()) =>
  ({ url, askedAt, response }) satisfies EarlyRequest;
const answered = (): Promise<Response> => Promise.resolve(new Response("early"));
const textOf = async (response: Promise<Response>): Promise<string> => (await response).text();

test("a section's address asks for the session and the section, any other for the session", () => {
  expect(earlyUrls(`${api}/`, "sections/shop", "")).toEqual([
    `${api}/session`,
    `${api}/sections/shop?include=data`,
  ]);
  expect(earlyUrls(api, "sections/shop", "?last=P30D")).toEqual([`${api}/session`]);
  expect(earlyUrls(api, "account", "")).toEqual([`${api}/session`]);
});

test("an early answer is given once, and only to the request it was asked for", async () => {
  const sent = watchFetch();
  const fetch = fetchAfter([early(`${api}/session`, answered())]);
  expect(await textOf(fetch(`${api}/sections`, get))).toBe("own");
  expect(await textOf(fetch(`${api}/session`, get))).toBe("early");
  expect(await textOf(fetch(`${api}/session`, get))).toBe("own");
  expect(sent).toEqual([`${api}/sections`, `${api}/session`]);
});

test("where the early request failed, the client's own is sent", async () => {
  const sent = watchFetch();
  const fetch = fetchAfter([early(`${api}/session`, Promise.reject(new TypeError("no network")))]);
  expect(await textOf(fetch(`${api}/session`, get))).toBe("own");
  expect(sent).toHaveLength(1);
});

test("an early answer is forgotten after a change, and when it is old", async () => {
  watchFetch();
  const changed = fetchAfter([early(`${api}/session`, answered())]);
  await changed(`${api}/logout`, { method: "POST" });
  expect(await textOf(changed(`${api}/session`, get))).toBe("own");
  const old = fetchAfter([early(`${api}/session`, answered(), performance.now() - 60_000)]);
  expect(await textOf(old(`${api}/session`, get))).toBe("own");
});
