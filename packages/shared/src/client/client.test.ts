import { describe, expect, test } from "vitest";
import { problemOf, type FakeResponse } from "../../test/fake-server.ts";
import { createWorld, type Tab, type World } from "../../test/fake-browser.ts";
import {
  ApiError,
  ContractError,
  NetworkError,
  SignedInAsAnotherError,
  SignedOutError,
} from "./client.ts";

const credentialsOf = (user: string) => ({ username: user, password: `sample-${user}-passphrase` });
const accessLifeMs = 300_000;
const notice = { params: { noticeId: "ntc_1mFh0Yw2o3RlHqBVhWQy0A" } };
const json = { "content-type": "application/json" };
const problemJson = { "content-type": "application/problem+json" };
const ourId = { "x-request-id": "req_1" };
/** A promise whose rejection is looked at later. */
const later = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => undefined);
  return promise;
};
const userOf = (answer: unknown): unknown => (answer as { for: unknown }).for;
const signIn = (world: World, tab: Tab, user = "mike") =>
  world.until(tab.client.signIn(credentialsOf(user)));

describe("start", () => {
  test("Whoever comes without the session's cookies is a visitor, and no request of theirs was an error", async () => {
    for (const storage of [true, false]) {
      const world = createWorld({ storage });
      const tab = world.openTab("one");
      expect(tab.client.state()).toEqual({ status: "starting", connection: "online" });
      expect(await world.until(tab.client.start())).toEqual({
        status: "visitor",
        connection: "online",
      });
      expect(world.takeLog()).toEqual(["GET /cookie-check 200"]);
    }
  });

  test("Without a hint, cookies that are there are asked about: a dead session's lead through one refresh to a visitor, without a dialog", async () => {
    const world = createWorld();
    world.jar["access"] = "of-a-session-long-forgotten";
    const tab = world.openTab("one");
    expect(await world.until(tab.client.start())).toEqual({
      status: "visitor",
      connection: "online",
    });
    expect(world.takeLog()).toEqual([
      "GET /cookie-check 200",
      "GET /session token_invalid",
      "POST /refresh refresh_missing",
    ]);
  });

  test("A client that knows itself a visitor does not refresh on token_missing", async () => {
    const world = createWorld();
    await world.startedTab("one");
    const again = world.openTab("two");
    expect((await world.until(again.client.start())).status).toBe("visitor");
    expect(world.takeLog()).toEqual(["GET /cookie-check 200"]);
    expect(userOf(await world.until(again.client.call("GET /sections")))).toBe(null);
    await expect(
      world.until(later(again.client.call("GET /sections/:slug", { params: { slug: "finance" } }))),
    ).rejects.toMatchObject({ code: "token_missing" });
    expect(world.takeLog()).toEqual(["GET /sections 200", "GET /sections/finance token_missing"]);
  });

  test("With a live access token by the hint, calls go out beside GET /session", async () => {
    const world = createWorld();
    await world.signedInTab();
    const tab = world.openTab("two");
    void tab.client.start();
    const answer = tab.client.call("GET /sections/:slug", { params: { slug: "finance" } });
    expect(tab.client.userId()).toBe("usr_mike");
    expect(userOf(await world.until(answer))).toBe("mike");
    expect(world.log.map(({ route, at }) => [route, at - (world.log[0]?.at ?? 0)])).toEqual([
      ["GET /session", 0],
      ["GET /sections/finance", 0],
    ]);
  });

  test("With an expired access token by the hint, it refreshes at once, and a page is two requests in a row", async () => {
    const world = createWorld();
    await world.signedInTab();
    await world.advance(accessLifeMs + 1000);
    const tab = world.openTab("two");
    expect(
      userOf(
        await world.until(tab.client.call("GET /sections/:slug", { params: { slug: "finance" } })),
      ),
    ).toBe("mike");
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections/finance 200"]);
    expect(tab.client.state()).toMatchObject({
      status: "signedIn",
      session: { user: { id: "usr_mike" } },
    });
  });

  test("Without a hint an expired access token costs one refresh, also for a call that went out at the same time", async () => {
    const world = createWorld();
    await world.signedInTab();
    world.storage.clear();
    await world.advance(accessLifeMs + 1000);
    const tab = world.openTab("two");
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.routes("POST /refresh")).toHaveLength(1);
  });

  test("A session that ended while nobody looked is 'expired' with its reason, since the hint says that somebody was signed in", async () => {
    const world = createWorld();
    await world.signedInTab();
    world.server.endAll("absolute");
    await world.advance(accessLifeMs + 1000);
    const tab = world.openTab("two");
    expect(await world.until(tab.client.start())).toEqual({
      status: "expired",
      session: null,
      reason: "absolute",
      connection: "online",
    });
  });

  test("The hint holds no token and carries the API's URL in its name", async () => {
    const world = createWorld();
    await world.signedInTab();
    expect([...world.storage.keys()]).toEqual(["sallyport https://api.test"]);
    expect(JSON.stringify([...world.storage.values()])).not.toMatch(/access-|csrf|ses_\d+\.\d/);
  });

  test("A server that cannot be reached is waited for, with the connection shown as never reached, and as lost once it has been", async () => {
    const world = createWorld();
    world.network.fault = () => "requestLost";
    const tab = world.openTab("one");
    const starting = tab.client.start();
    await world.advance(10_000);
    expect(tab.client.state()).toMatchObject({
      status: "starting",
      connection: "unreached",
      fault: { name: "NetworkError", status: undefined },
    });
    world.network.fault = () => null;
    expect(await world.until(starting)).toEqual({ status: "visitor", connection: "online" });
    world.network.fault = () => "requestLost";
    await world.until(tab.client.call("GET /sections").catch(() => undefined));
    expect(tab.client.state().connection).toBe("lost");
  });

  test("A server that leaves the first question without an answer counts as never reached after three seconds", async () => {
    for (const user of [null, "mike"]) {
      const world = createWorld();
      if (user) await world.signedInTab(user);
      world.network.latencyMs = () => 7000;
      const tab = world.openTab("two");
      const starting = tab.client.start();
      await world.advance(2900);
      expect(tab.client.state().connection).toBe("online");
      await world.advance(200);
      expect(tab.client.state()).toMatchObject({ status: "starting", connection: "unreached" });
      expect(await world.until(starting)).toMatchObject({ connection: "online" });
    }
  });

  test("A server that answers that it has failed has been reached: its error is what the state shows", async () => {
    const world = createWorld();
    world.network.instead = () => problemOf("internal");
    const tab = world.openTab("one");
    const starting = tab.client.start();
    await world.advance(1000);
    expect(tab.client.state()).toMatchObject({
      connection: "lost",
      fault: { code: "internal", problem: { requestId: "req_1" } },
    });
    world.network.instead = () => null;
    expect(await world.until(starting)).toEqual({ status: "visitor", connection: "online" });
  });

  test("An answer that the validator refuses rejects, and another start may try again", async () => {
    const world = createWorld();
    let fits = false;
    const tab = world.openTab("one", {
      validateResponse: (_key, _status, body) => {
        if (!fits) throw new Error("It does not fit.");
        return body;
      },
    });
    await expect(world.until(later(tab.client.start()))).rejects.toBeInstanceOf(ContractError);
    fits = true;
    expect((await world.until(tab.client.start())).status).toBe("visitor");
  });

  test("Unsafe calls made while starting wait for the CSRF token", async () => {
    const world = createWorld();
    await world.signedInTab();
    const tab = world.openTab("two");
    await world.until(tab.client.call("DELETE /account/notices/:noticeId", notice));
    expect(world.takeLog()).toEqual([
      "GET /session 200",
      "DELETE /account/notices/ntc_1mFh0Yw2o3RlHqBVhWQy0A 204",
    ]);
  });
});

describe("when to refresh", () => {
  for (const code of ["token_missing", "token_invalid", "token_expired", "token_stale"] as const) {
    test(`A 401 ${code} is followed by one refresh and the repeated request`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      let first = true;
      world.network.instead = (_, route) => {
        if (route !== "GET /sections" || !first) return null;
        first = false;
        return problemOf(code);
      };
      expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
      expect(world.takeLog()).toEqual([
        `GET /sections ${code}`,
        "POST /refresh 200",
        "GET /sections 200",
      ]);
    });
  }

  test("A 403 never causes a refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await expect(
      world.until(later(tab.client.call("GET /sections/:slug", { params: { slug: "secret" } }))),
    ).rejects.toMatchObject({ code: "section_forbidden", status: 403 });
    expect(world.takeLog()).toEqual(["GET /sections/secret section_forbidden"]);
  });

  test("token_expired repeats once, and then the caller gets it", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route === "GET /sections" ? problemOf("token_expired") : null;
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toMatchObject({
      code: "token_expired",
    });
    expect(world.routes("GET /sections")).toHaveLength(2);
    expect(world.routes("POST /refresh")).toHaveLength(1);
    expect(tab.client.state().status).toBe("signedIn");
  });

  test("token_stale repeats up to three times", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route === "GET /sections" ? problemOf("token_stale") : null;
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toMatchObject({
      code: "token_stale",
    });
    expect(world.routes("GET /sections")).toHaveLength(4);
    expect(world.routes("POST /refresh")).toHaveLength(3);
  });

  test("A 401 to a request sent before the last refresh is repeated without another refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.raiseEpoch("mike");
    world.network.latencyMs = (route) => (route === "GET /sections" ? 2000 : 20);
    const slow = tab.client.call("GET /sections");
    world.network.latencyMs = () => 20;
    await world.until(tab.client.call("GET /sections/:slug", { params: { slug: "finance" } }));
    world.network.instead = (_, route) =>
      route === "GET /sections" && world.routes(route).length === 1
        ? problemOf("token_stale")
        : null;
    expect(userOf(await world.until(slow))).toBe("mike");
    expect(world.routes("POST /refresh")).toHaveLength(1);
    expect(world.routes("GET /sections")).toHaveLength(2);
  });

  test("Ten requests that meet an expired token share one refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.raiseEpoch("mike");
    const answers = await world.until(
      Promise.all(Array.from({ length: 10 }, () => tab.client.call("GET /sections"))),
    );
    expect(answers.map(userOf)).toEqual(Array.from({ length: 10 }, () => "mike"));
    expect(world.routes("POST /refresh")).toHaveLength(1);
  });

  test("A little before expiry it refreshes if there was user input since the last refresh", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(100_000);
    tab.touch();
    await world.advance(169_000);
    expect(world.takeLog()).toEqual([]);
    await world.advance(2000);
    expect(world.takeLog()).toEqual(["POST /refresh 200"]);
  });

  test("A token that dies right after GET /session was answered is renewed for a call that went out beside it", async () => {
    const world = createWorld();
    await world.signedInTab();
    const tab = world.openTab("two");
    world.network.latencyMs = (route) => (route === "GET /session" ? 100 : 20);
    void tab.client.start();
    await world.advance(55);
    world.serverClockAdvances(accessLifeMs + 5000);
    const calls = Promise.all([tab.client.call("GET /sections"), tab.client.call("GET /sections")]);
    expect((await world.until(calls)).map(userOf)).toEqual(["mike", "mike"]);
    expect(world.takeLog().filter((line) => !line.startsWith("GET /sections"))).toEqual([
      "GET /session 200",
      "POST /refresh 200",
    ]);
  });

  test("Without user input it does not refresh before expiry, so that idle means idle", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    for (let polls = 0; polls < 29; polls++) {
      await world.until(tab.client.call("GET /sections"));
      await world.advance(10_000);
    }
    await world.advance(60_000);
    expect(world.routes("POST /refresh")).toHaveLength(0);
  });

  test("User input in the last moments before expiry refreshes then", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(285_000);
    tab.touch();
    await world.advance(1000);
    expect(world.takeLog()).toEqual(["POST /refresh 200"]);
  });

  test("At most one refresh ahead of time happens in half a life", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    // Tokens that are about to expire again before half of the longest life is over.
    world.network.instead = (request, route) => {
      if (route !== "POST /refresh") return null;
      const answer = world.server.handle(request);
      return { ...answer, body: { ...(answer.body as object), expiresIn: 160 } };
    };
    for (let moment = 0; moment < 600; moment++) {
      tab.touch();
      await world.advance(1000);
    }
    const times = world.routes("POST /refresh").map(({ at }) => at);
    expect(times).toHaveLength(3);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(accessLifeMs / 2);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(accessLifeMs / 2);
  });

  test("On waking it refreshes before the first request, by elapsed local time and not by the server's clock", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs * 3);
    expect(world.takeLog()).toEqual([]);
    tab.wake();
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections 200"]);
  });

  test("A request after expiry waits for a refresh also where no wake event came", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    await world.until(tab.client.call("GET /sections"));
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections 200"]);
  });

  test("Elapsed time that stood still while the device slept does not hide the expiry", async () => {
    const world = createWorld();
    const tab = world.openTab("one", { environment: { elapsed: () => 0 } });
    await signIn(world, tab);
    await world.advance(accessLifeMs + 5000);
    world.takeLog();
    await world.until(tab.client.call("GET /sections"));
    expect(world.takeLog()).toEqual(["POST /refresh 200", "GET /sections 200"]);
  });
});

describe("one refresh at a time", () => {
  test("Two tabs that meet an expired token at the same moment rotate once, and both carry on", async () => {
    for (const channel of [true, false]) {
      const world = createWorld({ channel });
      const one = await world.signedInTab();
      const two = await world.startedTab("two");
      await world.advance(accessLifeMs + 5000);
      await world.until(
        Promise.all([one.client.call("GET /sections"), two.client.call("GET /sections")]),
      );
      expect(world.routes("POST /refresh")).toHaveLength(1);
      expect(world.server.live()[0]?.generation).toBe(1);
    }
  });

  test("Two tabs rotate once also where messages and localStorage come later than the lock", async () => {
    const world = createWorld({ channel: false });
    const tabs = ["one", "two"].map((name) =>
      world.openTab(name, { environment: { localStorage: null } }),
    );
    const [one, two] = tabs as [Tab, Tab];
    await signIn(world, one);
    await world.until(two.client.start());
    for (let expiries = 0; expiries < 2; expiries++) {
      await world.advance(accessLifeMs + 5000);
      world.log.length = 0;
      await world.until(
        Promise.all([one.client.call("GET /sections"), two.client.call("GET /sections")]),
      );
      expect(world.takeLog().sort()).toEqual([
        "GET /sections 200",
        "GET /sections 200",
        "GET /session 200",
        "POST /refresh 200",
      ]);
    }
  });

  test("Without Web Locks both tabs send the same idempotency key, so the server gives both the same successor", async () => {
    const world = createWorld({ locks: false });
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    await world.until(
      Promise.all([one.client.call("GET /sections"), two.client.call("GET /sections")]),
    );
    const keys = world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(world.server.live()[0]?.generation).toBe(1);
  });

  test("The other tab hears of a refresh: it adopts the session and does not refresh", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    await world.until(one.client.call("GET /sections"));
    await world.advance(10);
    world.takeLog();
    await world.until(two.client.call("GET /sections"));
    expect(world.takeLog()).toEqual(["GET /sections 200"]);
  });

  test("A refresh without an answer is aborted after 8 s and repeated with the same key", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.latencyMs = (route) =>
      route === "POST /refresh" && world.routes(route).length === 1 ? 60_000 : 20;
    const answer = tab.client.call("GET /sections");
    await world.advance(7900);
    expect(tab.client.state().connection).toBe("online");
    await world.advance(200);
    expect(tab.client.state().connection).toBe("lost");
    expect(userOf(await world.until(answer))).toBe("mike");
    const keys = world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(1);
    expect(tab.client.state().connection).toBe("online");
  });

  test("A lock that a suspended tab never releases is stolen after 10 s, and its owner aborts and finds the new session on waking", async () => {
    const world = createWorld();
    const sleeper = await world.signedInTab();
    const other = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    const dreamt = later(sleeper.client.call("GET /sections"));
    await world.drain();
    sleeper.freeze();
    const began = world.now();
    const answer = await world.until(other.client.call("GET /sections"));
    expect(userOf(answer)).toBe("mike");
    expect(world.now() - began).toBeGreaterThanOrEqual(10_000);
    expect(world.now() - began).toBeLessThan(10_700);
    expect(world.robbed.count).toBe(1);
    sleeper.thaw();
    expect(userOf(await world.until(dreamt))).toBe("mike");
    expect(world.server.live()).toHaveLength(1);
  });

  test("Two tabs that wait for a suspended one do not rob each other", async () => {
    const world = createWorld();
    const sleeper = await world.signedInTab();
    const two = await world.startedTab("two");
    const three = await world.startedTab("three");
    await world.advance(accessLifeMs + 5000);
    void later(sleeper.client.call("GET /sections"));
    await world.drain();
    sleeper.freeze();
    await world.until(
      Promise.all([two.client.call("GET /sections"), three.client.call("GET /sections")]),
    );
    expect(world.robbed.count).toBe(1);
  });

  test("Sign-in aborts a refresh in flight and its late answer disturbs nothing", async () => {
    for (const ignoresAbort of [false, true]) {
      const world = createWorld({ locks: false });
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      world.network.ignoresAbort = ignoresAbort;
      // This browser forgets the cookies of an aborted request, as one that has not yet read its headers does.
      world.network.dropsCookies = (route) => route === "POST /refresh";
      world.network.latencyMs = (route) => (route === "POST /refresh" ? 5000 : 20);
      const waiting = later(tab.client.call("GET /sections"));
      await world.advance(100);
      await signIn(world, tab);
      const session = tab.client.state();
      expect(userOf(await world.until(waiting))).toBe("mike");
      await world.advance(10_000);
      expect(tab.client.state()).toBe(session);
    }
  });

  test("A sign-in that overtakes the search for a session leaves nothing to ask and nothing to refresh, whenever it comes", async () => {
    for (const locks of [true, false]) {
      for (let after = 0; after < 40; after += 5) {
        const world = createWorld({ locks });
        world.jar["access"] = "of-a-session-long-forgotten";
        const tab = world.openTab("one");
        const starting = tab.client.start();
        await world.advance(after);
        await signIn(world, tab);
        expect((await world.until(starting)).status).toBe("signedIn");
        await world.advance(5000);
        expect(world.takeLog().at(-1), `sign-in after ${after} ms`).toBe("POST /login 200");
      }
    }
  });

  test("Sign-in in one tab makes a refresh in flight in another stand aside", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    world.network.latencyMs = (route) => (route === "POST /refresh" ? 6000 : 20);
    const waiting = later(one.client.call("GET /sections"));
    await world.advance(100);
    const began = world.now();
    await signIn(world, two);
    expect(world.now() - began).toBeLessThan(1000);
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(one.client.state()).toMatchObject({ status: "signedIn" });
    expect(world.server.live()).toHaveLength(1);
  });

  test("Sign-out waits its turn: it holds the same lock", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    world.network.latencyMs = (route) => (route === "POST /logout" ? 3000 : 20);
    const leaving = one.client.signOut();
    await world.drain();
    world.server.raiseEpoch("mike");
    const waiting = later(two.client.call("GET /sections"));
    await world.until(leaving);
    await expect(world.until(waiting)).rejects.toBeInstanceOf(SignedOutError);
    expect(world.takeLog().filter((line) => line.startsWith("POST /refresh 200"))).toEqual([]);
    expect(two.client.state().status).toBe("visitor");
  });

  test("Locks that the browser refuses are done without", async () => {
    const world = createWorld();
    const tab = world.openTab("one", {
      environment: {
        locks: { request: () => Promise.reject(new DOMException("no", "SecurityError")) },
      },
    });
    await signIn(world, tab);
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
  });

  test("The names of lock, channel, database and hint carry the API's URL", async () => {
    const world = createWorld();
    world.jar["access"] = "of-a-session-long-forgotten";
    const names: string[] = [];
    const tab = world.openTab("one", {
      baseUrl: "https://api.test/",
      environment: {
        locks: { request: (name, _options, callback) => (names.push(name), callback()) },
        openChannel: (name) => (
          names.push(name),
          {
            postMessage: () => undefined,
            addEventListener: () => undefined,
            close: () => undefined,
          }
        ),
      },
    });
    await world.until(tab.client.start());
    expect(new Set(names)).toEqual(new Set(["sallyport https://api.test"]));
    expect((await world.indexedDB.databases()).map(({ name }) => name)).toEqual([
      "sallyport https://api.test",
    ]);
  });
});

describe("faults are not a logout", () => {
  for (const [what, answer] of [
    ["429", problemOf("rate_limited", { retryAfter: 5 })],
    ["503", problemOf("busy", { retryAfter: 5 })],
  ] as const) {
    test(`A ${what} on refresh keeps the session, shows the connection as lost, and tries again not before Retry-After`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      let refused = 0;
      world.network.instead = (_, route) =>
        route === "POST /refresh" && refused++ < 2 ? answer : null;
      const waiting = tab.client.call("GET /sections");
      await world.advance(100);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
      tab.wake();
      expect(userOf(await world.until(waiting))).toBe("mike");
      const [first = 0, second = 0] = world.routes("POST /refresh").map(({ at }) => at);
      expect(second - first).toBeGreaterThanOrEqual(5000);
      expect(tab.client.state().connection).toBe("online");
    });
  }

  test("A network fault on refresh is retried with growing delays, and at once on waking", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = () => "requestLost";
    const waiting = tab.client.call("GET /sections");
    await world.advance(60_000);
    const times = world.routes("POST /refresh").map(({ at }) => at);
    expect(times.length).toBeGreaterThan(3);
    expect(times.length).toBeLessThan(12);
    world.network.fault = () => null;
    const woken = world.now();
    tab.wake();
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(world.now() - woken).toBeLessThan(100);
  });

  test("A caller who aborts while waiting for a refresh gets a NetworkError at once", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = () => "requestLost";
    const controller = new AbortController();
    const waiting = later(
      tab.client.call("GET /sections", undefined, { signal: controller.signal }),
    );
    await world.advance(3000);
    controller.abort();
    await world.drain();
    await expect(waiting).rejects.toMatchObject({ name: "NetworkError", aborted: true });
  });

  test("A plain request's network fault is the caller's, shows the connection as lost, and a success shows it online", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.fault = () => "requestLost";
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toBeInstanceOf(
      NetworkError,
    );
    expect(tab.client.state().connection).toBe("lost");
    world.network.fault = () => null;
    await world.until(tab.client.call("GET /sections"));
    expect(tab.client.state().connection).toBe("online");
  });

  test("A lost connection is found again without anyone making a request", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.fault = () => "requestLost";
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toBeInstanceOf(
      NetworkError,
    );
    await world.advance(20_000);
    world.network.fault = () => null;
    await world.advance(31_000);
    expect(tab.client.state().connection).toBe("online");
  });

  test("An aborted request says nothing about the connection", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    const controller = new AbortController();
    const waiting = later(
      tab.client.call("GET /sections", undefined, { signal: controller.signal }),
    );
    await world.advance(5);
    controller.abort();
    await expect(world.until(waiting)).rejects.toMatchObject({
      name: "NetworkError",
      aborted: true,
    });
    expect(tab.client.state().connection).toBe("online");
  });

  const proxyPages: readonly FakeResponse[] = [
    ...[200, 403, 404, 413, 429, 500, 502, 503].map((status) => ({ status, foreign: "<h1>" })),
    { status: 401, foreign: '{"message":"Unauthorized"}', headers: json },
    { status: 429, foreign: '{"code":"rate_limited"}', headers: { ...json, ...ourId } },
    { status: 429, foreign: '{"code":"slow_down"}', headers: { ...problemJson, ...ourId } },
    { status: 401, foreign: '{"code":"refresh_invalid"}', headers: problemJson },
    { status: 200, foreign: '{"user":{"id":"usr_x"}}', headers: json },
    { status: 200, foreign: "<h1>", headers: ourId },
    { status: 204, foreign: null },
    // What proxies pass through or write with a request id of their own.
    { status: 200, foreign: "", headers: ourId },
  ];
  // Some browsers take a body that broke off for a whole one. And a gateway may say in JSON that all is well.
  const badSessions = [null, "", '{"status":"signedIn","us', '{"status":"ok"}', "null"];
  for (const foreign of badSessions)
    test(`What cannot be a session keeps the one there is, and is asked for again: ${foreign}`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      const status = foreign === null ? 204 : 200;
      const broken = { status, foreign, headers: { ...json, ...ourId } };
      world.network.instead = () => broken;
      const waiting = tab.client.call("GET /sections");
      await world.advance(60_000);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
      world.network.instead = () => null;
      expect(userOf(await world.until(waiting))).toBe("mike");
      for (const visits of [true, false]) {
        if (!visits) world.storage.clear();
        world.network.instead = () => broken;
        const later = world.openTab(`later ${visits}`);
        const starting = later.client.start();
        await world.advance(60_000);
        expect(later.client.state().status).toBe("starting");
        world.network.instead = () => null;
        expect(await world.until(starting)).toMatchObject({
          status: "signedIn",
          connection: "online",
        });
      }
      world.network.instead = () => broken;
      await expect(
        world.until(later(tab.client.signIn(credentialsOf("mike")))),
      ).rejects.toMatchObject({ name: "NetworkError", aborted: false });
    });

  for (const page of proxyPages) {
    const inWords = `${page.status} ${page.foreign} ${JSON.stringify(page.headers ?? {})}`;
    test(`What is not the API's answer is a lost connection: ${inWords}`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      // On a refresh: the session is kept, and the refresh repeated until the API answers.
      world.network.instead = () => page;
      const waiting = tab.client.call("GET /sections");
      await world.advance(60_000);
      expect(tab.client.state()).toMatchObject({
        status: "signedIn",
        connection: "lost",
        fault: { name: "NetworkError", status: page.status },
      });
      expect(new Set(world.log.map(({ route }) => route))).toEqual(new Set(["POST /refresh"]));
      expect(world.log.length).toBeGreaterThan(4);
      expect(world.log.length).toBeLessThan(12);
      world.network.instead = () => null;
      expect(userOf(await world.until(waiting))).toBe("mike");
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "online" });

      // At the start of a page, whoever it is.
      for (const visits of [true, false]) {
        if (!visits) world.storage.clear();
        world.network.instead = () => page;
        const later = world.openTab(`later ${visits}`);
        const starting = later.client.start();
        await world.advance(60_000);
        expect(later.client.state()).toMatchObject({
          status: "starting",
          connection: "unreached",
          fault: { status: page.status },
        });
        world.network.instead = () => null;
        expect(await world.until(starting)).toMatchObject({
          status: "signedIn",
          connection: "online",
        });
      }

      // Any other call is not repeated, and says what answered; then the client looks for the API.
      world.takeLog();
      world.network.instead = () => page;
      for (const acting of [
        tab.client.call("GET /sections"),
        tab.client.call("DELETE /account/notices/:noticeId", notice),
        tab.client.signIn(credentialsOf("mike")),
      ])
        await expect(world.until<unknown>(later<unknown>(acting))).rejects.toMatchObject({
          name: "NetworkError",
          aborted: false,
          status: page.status,
        });
      const calls = world.log.filter(({ route }) => route !== "GET /healthz");
      expect(calls).toHaveLength(3);
      await world.advance(60_000);
      expect(world.routes("GET /healthz").length).toBeGreaterThan(4);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
      world.network.instead = () => null;
      await world.advance(31_000);
      expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "online" });
    });
  }

  test("A 429 on a plain request is the caller's, with Retry-After in seconds", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route === "GET /sections" ? problemOf("rate_limited", { retryAfter: 7 }) : null;
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 7,
    });
  });
});

describe("the idempotency key", () => {
  for (const fault of ["responseLost", "bodyBroken"] as const) {
    test(`It is kept until the 200's body has been read: a refresh with ${fault} is repeated with the same key and gives the same successor`, async () => {
      const world = createWorld();
      const tab = await world.signedInTab();
      await world.advance(accessLifeMs + 5000);
      world.network.fault = (route) =>
        route === "POST /refresh" && world.routes(route).length === 1 ? fault : null;
      await world.until(tab.client.call("GET /sections"));
      const keys = world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"]);
      expect(keys).toHaveLength(2);
      // With the body broken the cookie has arrived, so the repetition rotates again: the key is the same, and nobody is harmed.
      expect(new Set(keys).size).toBe(1);
      expect(world.server.live()).toHaveLength(1);
    });
  }

  test("It outlives a crash: the page that opens hours later repeats the refresh whose answer was lost", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = (route) => (route === "POST /refresh" ? "responseLost" : null);
    void later(tab.client.call("GET /sections"));
    await world.advance(15);
    tab.freeze();
    tab.client.dispose();
    world.network.fault = () => null;
    await world.advance(3_600_000);
    const next = world.openTab("two");
    expect((await world.until(next.client.start())).status).toBe("signedIn");
    const keys = world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test("The next refresh has another key", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    for (let expiries = 0; expiries < 3; expiries++) {
      await world.advance(accessLifeMs + 5000);
      await world.until(tab.client.call("GET /sections"));
    }
    expect(
      new Set(world.routes("POST /refresh").map(({ headers }) => headers["idempotency-key"])).size,
    ).toBe(3);
  });

  test("Without storage it lives in memory and still survives a lost response", async () => {
    const world = createWorld({ storage: false });
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = (route) =>
      route === "POST /refresh" && world.routes(route).length === 1 ? "responseLost" : null;
    await world.until(tab.client.call("GET /sections"));
    expect(world.server.live()).toHaveLength(1);
  });

  test("Answers out of order are healed: a tab whose answer sets the cookie jar back refreshes again at once", async () => {
    for (const [storage, channel] of [
      [true, false],
      [false, false],
      [true, true],
    ] as const) {
      const world = createWorld({ locks: false, channel });
      const one = await world.signedInTab();
      const two = await world.startedTab("two");
      if (!storage) world.storage.clear();
      await world.advance(accessLifeMs + 5000);
      world.network.latencyMs = (route) =>
        route === "POST /refresh" && world.routes(route).length === 1 ? 6000 : 20;
      const slow = one.client.call("GET /sections");
      await world.advance(3100);
      await world.until(two.client.call("GET /sections"));
      world.server.raiseEpoch("mike");
      await world.until(two.client.call("GET /sections"));
      expect(world.jar["refresh"]).toBe("ses_1.2");
      expect(userOf(await world.until(slow))).toBe("mike");
      await world.advance(6000);
      expect(world.jar["refresh"]).toBe("ses_1.2");
      await world.advance(accessLifeMs + 5000);
      expect(userOf(await world.until(one.client.call("GET /sections")))).toBe("mike");
      expect(world.server.live()).toHaveLength(1);
    }
  });

  test("Answers out of order are healed although no request waits for them and the other tab has told of its refresh", async () => {
    const world = createWorld({ locks: false });
    const one = await world.signedInTab();
    await world.advance(accessLifeMs - 20_000);
    let slow = 6000;
    world.network.latencyMs = (route) => {
      if (route !== "POST /refresh") return 20;
      const latencyMs = slow;
      slow = 20;
      return latencyMs;
    };
    one.touch();
    await world.advance(3100);
    const two = await world.startedTab("two");
    world.server.raiseEpoch("mike");
    await world.until(two.client.call("GET /sections"));
    world.server.raiseEpoch("mike");
    await world.until(two.client.call("GET /sections"));
    expect(world.jar["refresh"]).toBe("ses_1.2");
    await world.advance(6000);
    expect(world.jar["refresh"]).toBe("ses_1.2");
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(one.client.call("GET /sections")))).toBe("mike");
    expect(world.server.live()).toHaveLength(1);
  });

  test("The last retired key is tried once on a 409: a lost Set-Cookie is healed", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.dropsCookies = (route) =>
      route === "POST /refresh" && world.routes(route).length === 1;
    // The first refresh seems to work, but its cookies are lost: the request that waited for it is refused as expired.
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    const refreshes = world.routes("POST /refresh");
    expect(refreshes.map(({ code, status }) => code ?? status)).toEqual([
      200,
      "refresh_conflict",
      200,
    ]);
    expect(refreshes[2]?.headers["idempotency-key"]).toBe(refreshes[0]?.headers["idempotency-key"]);
    expect(world.server.live()).toHaveLength(1);
  });
});

describe("409", () => {
  test("It waits, asks GET /session, and carries on where the successor has arrived", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.instead = (request, route) => {
      if (route !== "POST /refresh") return null;
      // Another client of this cookie jar has refreshed; its answer comes a moment later.
      const { cookies } = world.server.handle(request);
      world.setTimer(() => Object.assign(world.jar, cookies), 500);
      return problemOf("refresh_conflict", { retryAfter: 1 });
    };
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.takeLog()).toEqual([
      "POST /refresh refresh_conflict",
      "GET /session 200",
      "GET /sections 200",
    ]);
  });

  test("Where the successor has not arrived it refreshes again, and after 15 s takes it for a fault, not for the end", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.instead = (_, route) =>
      route === "POST /refresh" ? problemOf("refresh_conflict", { retryAfter: 1 }) : null;
    const waiting = tab.client.call("GET /sections");
    await world.advance(14_000);
    expect(tab.client.state().connection).toBe("online");
    expect(world.routes("POST /refresh").length).toBeGreaterThan(10);
    await world.advance(3000);
    expect(tab.client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
    world.network.instead = () => null;
    expect(userOf(await world.until(waiting))).toBe("mike");
  });
});

describe("another tab changed the session", () => {
  for (const code of ["session_ended", "csrf_failed"] as const) {
    test(`On ${code} it asks GET /session once, adopts the same user's CSRF token, and repeats`, async () => {
      const world = createWorld({ channel: false });
      const one = await world.signedInTab();
      const two = await world.startedTab("two");
      await signIn(world, two);
      world.takeLog();
      if (code === "session_ended")
        world.network.instead = (_, route) =>
          route.startsWith("DELETE") && world.routes(route).length === 1 ? problemOf(code) : null;
      await world.until(one.client.call("DELETE /account/notices/:noticeId", notice));
      expect(world.takeLog()).toEqual([
        expect.stringContaining(code),
        "GET /session 200",
        expect.stringMatching(/^DELETE .* 204$/),
      ]);
      expect(world.server.written).toHaveLength(1);
      expect(one.client.state()).toMatchObject({ status: "signedIn" });
    });

    test(`On ${code} with another user signed in, the request is dropped and the page has to reload`, async () => {
      const world = createWorld({ channel: false });
      const one = await world.signedInTab();
      const two = await world.startedTab("two");
      await signIn(world, two, "mica");
      if (code === "session_ended")
        world.network.instead = (_, route) => (route.startsWith("DELETE") ? problemOf(code) : null);
      await expect(
        world.until(later(one.client.call("DELETE /account/notices/:noticeId", notice))),
      ).rejects.toBeInstanceOf(SignedInAsAnotherError);
      expect(one.events).toEqual(["userChanged usr_mike usr_mica"]);
      expect(world.server.written).toEqual([]);
    });
  }

  test("session_ended with nobody signed in is the end, with its reason", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.endAll("endedByAdmin");
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state()).toMatchObject({
      status: "expired",
      reason: "endedByAdmin",
      session: { user: { id: "usr_mike" } },
    });
    expect(world.takeLog()).toEqual([
      "GET /sections session_ended",
      "GET /session session_ended",
      "POST /logout 204",
    ]);
  });

  test("csrf_failed that persists is the caller's", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.instead = (_, route) =>
      route.startsWith("DELETE") ? problemOf("csrf_failed") : null;
    await expect(
      world.until(later(tab.client.call("DELETE /account/notices/:noticeId", notice))),
    ).rejects.toMatchObject({ code: "csrf_failed" });
    expect(world.routes("GET /session")).toHaveLength(1);
  });

  test("A sign-in of the same user in another tab is adopted silently", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await signIn(world, two);
    await world.advance(10);
    world.takeLog();
    await world.until(one.client.call("DELETE /account/notices/:noticeId", notice));
    expect(world.log).toHaveLength(1);
    expect(one.events).toEqual([]);
  });

  test("A sign-in of another user in another tab is told at once", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await signIn(world, two, "mica");
    await world.advance(10);
    expect(one.events).toEqual(["userChanged usr_mike usr_mica"]);
    expect(one.client.userId()).toBe("usr_mica");
  });

  test("A visitor's tab adopts a sign-in in another tab without a reload", async () => {
    const world = createWorld();
    const one = await world.startedTab("one");
    const two = await world.startedTab("two");
    await signIn(world, two);
    await world.advance(10);
    expect(one.client.state()).toMatchObject({ status: "signedIn" });
    expect(one.events).toEqual([]);
  });

  test("A message that was under way while this tab signed in is ignored", async () => {
    const world = createWorld();
    const channels: ((event: { data: unknown }) => void)[] = [];
    const sent: { type: string }[] = [];
    const tab = world.openTab("one", {
      environment: {
        openChannel: () => ({
          postMessage: (message) => void sent.push(message as { type: string }),
          addEventListener: (_type, listener) => void channels.push(listener),
          close: () => undefined,
        }),
      },
    });
    await signIn(world, tab);
    const old = sent.find(({ type }) => type === "signedIn");
    await world.advance(1000);
    await signIn(world, tab, "mica");
    for (const hear of channels) hear({ data: old });
    expect(tab.client.userId()).toBe("usr_mica");
  });

  test("Responses of another session are dropped: a late answer to the one who was signed in before never arrives", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.latencyMs = (route) => (route === "GET /sections" ? 4000 : 20);
    const late = later(tab.client.call("GET /sections"));
    await world.advance(100);
    await signIn(world, tab, "mica");
    await expect(world.until(late)).rejects.toBeInstanceOf(SignedInAsAnotherError);
  });

  test("Responses of another session are dropped: where another tab could not tell, the server is asked who is signed in", async () => {
    const world = createWorld({ channel: false });
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await signIn(world, two, "mica");
    await expect(world.until(later(one.client.call("GET /sections")))).rejects.toBeInstanceOf(
      SignedInAsAnotherError,
    );
    expect(one.events).toEqual(["userChanged usr_mike usr_mica"]);
  });

  test("Responses of another session of the same user are asked for again, but what was written is not written twice", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.latencyMs = (route) =>
      route === "GET /sections" || route.startsWith("DELETE") ? 4000 : 20;
    const reading = tab.client.call("GET /sections");
    const writing = tab.client.call("DELETE /account/notices/:noticeId", notice);
    await world.advance(2500);
    await signIn(world, tab);
    expect(userOf(await world.until(reading))).toBe("mike");
    await world.until(writing);
    expect(world.routes("GET /sections")).toHaveLength(2);
    expect(world.server.written).toHaveLength(1);
  });
});

describe("over", () => {
  const expiredWorld = async (options = {}) => {
    const world = createWorld(options);
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("idle");
    return { world, tab };
  };

  test("A definitive 401 on refresh calls POST /logout while holding the lock, and says why", async () => {
    const { world, tab } = await expiredWorld();
    const two = await world.startedTab("two");
    expect(two.client.state().status).toBe("expired");
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state()).toMatchObject({ status: "expired", reason: "idle" });
    expect(world.jar).toEqual({});
  });

  test("Every tab hears of the end", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("reuse");
    void later(one.client.call("GET /sections"));
    await world.advance(1000);
    expect(two.client.state()).toMatchObject({
      status: "expired",
      reason: "reuse",
      session: { user: { id: "usr_mike" } },
    });
    expect(world.routes("POST /logout")).toHaveLength(1);
  });

  test("The end of an older session is no news to a tab that has a newer one", async () => {
    const world = createWorld({ locks: false });
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    const before = one.client.state();
    await signIn(world, two);
    await world.advance(10);
    expect(one.client.state()).not.toBe(before);
    expect(one.client.state()).toMatchObject({
      status: "signedIn",
      session: { session: { id: world.server.live()[0]?.id } },
    });
  });

  test("Waiting requests, and those made meanwhile, are repeated once the same user has signed in again", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = tab.client.call("DELETE /account/notices/:noticeId", notice);
    await world.advance(1000);
    const another = tab.client.call("GET /sections");
    await world.advance(60_000);
    expect(world.server.written).toHaveLength(0);
    await signIn(world, tab);
    await world.until(Promise.all([waiting, another]));
    expect(world.server.written).toHaveLength(1);
    expect(tab.events).toEqual([]);
  });

  test("Signing in again in one tab lets the requests of every tab go on", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("idle");
    const waiting = two.client.call("GET /sections");
    await world.advance(1000);
    await signIn(world, one);
    expect(userOf(await world.until(waiting))).toBe("mike");
  });

  test("Waiting requests are dropped when somebody else signs in, and the page has to reload", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = later(tab.client.call("DELETE /account/notices/:noticeId", notice));
    await world.advance(1000);
    await signIn(world, tab, "mica");
    await expect(world.until(waiting)).rejects.toBeInstanceOf(SignedInAsAnotherError);
    expect(world.server.written).toEqual([]);
    expect(tab.events).toEqual(["userChanged usr_mike usr_mica"]);
    expect(tab.client.state()).toMatchObject({
      status: "signedIn",
      session: { user: { id: "usr_mica" } },
    });
  });

  test("A sign-in that fails changes nothing: the requests go on waiting", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(1000);
    const state = tab.client.state();
    await expect(
      world.until(later(tab.client.signIn({ username: "mike", password: "wrong" }))),
    ).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(tab.client.state()).toBe(state);
    await signIn(world, tab);
    expect(userOf(await world.until(waiting))).toBe("mike");
  });

  test("Sign-out instead of signing in again drops the waiting requests", async () => {
    const { world, tab } = await expiredWorld();
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(1000);
    await world.until(tab.client.signOut());
    await expect(world.until(waiting)).rejects.toBeInstanceOf(SignedOutError);
    expect(tab.client.state().status).toBe("visitor");
  });

  test("A session that ends in a visitor's browser shows no dialog", async () => {
    const world = createWorld();
    const tab = await world.startedTab("one");
    Object.assign(world.jar, world.server.signInElsewhere("mike"));
    world.server.endAll("idle");
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe(null);
    expect(tab.client.state().status).toBe("visitor");
    expect(world.jar).toEqual({});
  });

  test("Without Web Locks a late definitive 401 does not log out the one who has just signed in", async () => {
    const world = createWorld({ locks: false, channel: false });
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    world.server.endAll("idle");
    world.network.latencyMs = (route) => (route === "POST /refresh" ? 3000 : 20);
    const waiting = later(one.client.call("GET /sections"));
    await world.advance(2000);
    await signIn(world, two);
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(world.routes("POST /logout")).toEqual([]);
    expect(world.server.live()).toHaveLength(1);
  });

  test("A logout without an answer does not keep the user from being told", async () => {
    const { world, tab } = await expiredWorld();
    world.network.fault = (route) => (route === "POST /logout" ? "requestLost" : null);
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state().status).toBe("expired");
  });

  test("A cookie sent twice has been cleared by the server, so the session is over", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.instead = (_, route) =>
      route === "POST /refresh" ? problemOf("duplicate_cookie") : null;
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(tab.client.state().status).toBe("expired");
  });
});

describe("signing in and out", () => {
  test("Signing out tells every tab, and none of them shows a dialog", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.until(one.client.signOut());
    await world.advance(10);
    for (const tab of [one, two]) {
      expect(tab.client.state().status).toBe("visitor");
      expect(tab.events).toEqual(["signedOut"]);
    }
    expect(world.jar).toEqual({});
  });

  test("Signing out without an answer leaves the user signed in, and says so", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.network.fault = () => "requestLost";
    await expect(world.until(later(tab.client.signOut()))).rejects.toBeInstanceOf(NetworkError);
    expect(tab.client.state().status).toBe("signedIn");
  });

  test("Signing out everywhere works with an expired access token, still holding the lock", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.signInElsewhere("mike");
    await world.advance(accessLifeMs + 5000);
    await world.until(tab.client.signOutEverywhere());
    expect(world.takeLog()).toEqual([
      "DELETE /account/sessions token_expired",
      "POST /refresh 200",
      "DELETE /account/sessions 204",
    ]);
    expect(world.server.live()).toEqual([]);
    expect(tab.client.state().status).toBe("visitor");
  });

  test("Setup signs in", async () => {
    const world = createWorld();
    const tab = await world.startedTab("one");
    const session = await world.until(
      tab.client.setUp({
        token: "t",
        username: "mica",
        displayName: "Mica",
        email: "mica@example.test",
        password: "a-long-passphrase-of-mica",
      }),
    );
    expect(session.user.id).toBe("usr_mica");
    expect(tab.client.state()).toMatchObject({ status: "signedIn" });
  });

  test("The cookie check goes out for anyone, and tells which cookies came back", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    expect(await world.until(tab.client.checkCookies())).toEqual({
      access: true,
      refresh: true,
      mode: "same-site",
    });
    expect(world.takeLog()).toEqual(["GET /cookie-check 200"]);
  });

  test("A sessionless call does not wait for the user to sign in again", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    world.server.endAll("idle");
    void later(tab.client.call("GET /sections"));
    await world.advance(1000);
    expect(
      await world.until(tab.client.call("GET /healthz", undefined, { sessionless: true })),
    ).toEqual({ status: "ok" });
  });

  test("Unsafe requests by cookie carry the CSRF token, safe ones and sign-in do not", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.until(tab.client.call("DELETE /account/notices/:noticeId", notice));
    await world.until(tab.client.call("GET /sections"));
    await signIn(world, tab);
    expect(world.log.map(({ headers }) => headers["x-csrf-token"])).toEqual([
      "csrf-ses_1",
      undefined,
      undefined,
    ]);
  });

  test("After dispose nothing waits any more and no timer is left to act", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    await world.advance(accessLifeMs + 5000);
    world.network.fault = () => "requestLost";
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(1000);
    tab.client.dispose();
    await expect(world.until(waiting)).rejects.toBeInstanceOf(NetworkError);
    world.takeLog();
    tab.touch();
    tab.wake();
    await world.advance(120_000);
    expect(world.takeLog()).toEqual([]);
  });
});

test("A cookie check that gets no answer is given up after five seconds, and the connection is not said to be lost for it", async () => {
  const world = createWorld();
  const tab = await world.signedInTab();
  world.network.latencyMs = (route) => (route === "GET /cookie-check" ? 3_600_000 : 20);
  const began = world.now();
  await expect(world.until(later(tab.client.checkCookies()))).rejects.toBeInstanceOf(NetworkError);
  expect(world.now() - began).toBe(5_000);
  expect(tab.client.state().connection).toBe("online");
});

describe("tabs that cannot talk to each other", () => {
  const twoTabs = async (): Promise<{ world: World; here: Tab; there: Tab }> => {
    const world = createWorld({ channel: false });
    const here = await world.signedInTab();
    const there = await world.startedTab("two");
    return { world, here, there };
  };

  test("find out that the user has signed out in another one when they are looked at, and leave no dialog", async () => {
    const { world, here, there } = await twoTabs();
    await world.until(here.client.signOut());
    expect(there.client.state().status).toBe("signedIn");
    there.wake();
    await world.advance(5_000);
    expect(there.client.state().status).toBe("visitor");
    expect(there.events).toEqual(["signedOut"]);
  });

  test("find out that the session is over, and keep the page", async () => {
    const { world, here, there } = await twoTabs();
    world.server.endAll("endedByAdmin");
    void later(here.client.call("GET /sections/:slug", { params: { slug: "finance" } }));
    await world.advance(5_000);
    expect(here.client.state().status).toBe("expired");
    there.wake();
    await world.advance(5_000);
    expect(there.client.state().status).toBe("expired");
    expect(there.events).toEqual([]);
  });

  test("find out that somebody has signed in, and ask nothing where nothing has changed", async () => {
    const { world, here, there } = await twoTabs();
    await world.until(here.client.signIn(credentialsOf("mica")));
    there.wake();
    await world.advance(5_000);
    expect(there.client.userId()).toBe("usr_mica");
    world.takeLog();
    for (const tab of [here, there, here, there]) {
      tab.wake();
      await world.advance(1_000);
    }
    expect(world.takeLog()).toEqual([]);
  });
});

describe("bearer delivery", () => {
  const bearerTab = async (world: World, name = "one") => {
    const tab = world.openTab(name, { delivery: "bearer" });
    expect(await world.until(tab.client.start())).toMatchObject({ status: "visitor" });
    await signIn(world, tab);
    return tab;
  };

  test("Tokens live in memory only: not in the state, not in storage, not in a channel, and no cookie is sent", async () => {
    const world = createWorld();
    const tab = await bearerTab(world);
    await world.until(tab.client.call("DELETE /account/notices/:noticeId", notice));
    expect(JSON.stringify(tab.client.state())).not.toContain("access-");
    expect(world.storage.size).toBe(0);
    expect(await world.indexedDB.databases()).toEqual([]);
    expect(world.jar).toEqual({});
    const { headers } = world.log.at(-1) ?? { headers: {} };
    expect(headers).toMatchObject({
      authorization: expect.stringMatching(/^Bearer access-/) as string,
    });
    expect(headers).not.toHaveProperty("x-csrf-token");
  });

  test("It refreshes with the token in the body and an idempotency key, and heals a lost response", async () => {
    const world = createWorld();
    const tab = await bearerTab(world);
    await world.advance(accessLifeMs + 5000);
    world.log.length = 0;
    world.network.fault = (route) =>
      route === "POST /refresh" && world.routes(route).length === 1 ? "responseLost" : null;
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    const [first, second] = world.routes("POST /refresh");
    expect(first?.body).toEqual({ refreshToken: "ses_1.0" });
    expect(second?.headers["idempotency-key"]).toBe(first?.headers["idempotency-key"]);
    expect(first?.headers["authorization"]).toBeUndefined();
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
    expect(world.routes("POST /refresh").at(-1)?.body).toEqual({ refreshToken: "ses_1.1" });
  });

  test("A refresh that has stood aside does not spend the refresh token of the sign-in it made way for", async () => {
    const world = createWorld();
    const tab = await bearerTab(world);
    await world.advance(accessLifeMs + 5000);
    const waiting = later(tab.client.call("GET /sections"));
    await world.advance(10);
    await signIn(world, tab);
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(world.takeLog().slice(-2)).toEqual(["POST /login 200", "GET /sections 200"]);
    await world.advance(accessLifeMs + 5000);
    expect(userOf(await world.until(tab.client.call("GET /sections")))).toBe("mike");
  });

  test("Each tab has its own session, and signing out ends that one", async () => {
    const world = createWorld();
    const one = await bearerTab(world);
    const two = await bearerTab(world, "two");
    await world.until(one.client.signOut());
    await world.advance(10);
    expect(one.client.state().status).toBe("visitor");
    expect(userOf(await world.until(two.client.call("GET /sections")))).toBe("mike");
    expect(world.server.live()).toHaveLength(1);
  });
});

describe("answers", () => {
  test("A problem becomes an ApiError with its code, status and request id", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    const error = await world.until(
      tab.client
        .call("GET /sections/:slug", { params: { slug: "secret" } })
        .catch((caught: unknown) => caught),
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "section_forbidden",
      status: 403,
      problem: { requestId: "req_1" },
    });
  });

  test("A response that the validator refuses becomes a ContractError", async () => {
    const world = createWorld();
    const tab = world.openTab("one", {
      validateResponse: (key, _status, body) => {
        if (key === "GET /sections") throw new Error("items is missing");
        return body;
      },
    });
    await signIn(world, tab);
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toBeInstanceOf(
      ContractError,
    );
  });

  test("The state is the same object until something changes, and every change is told", async () => {
    const world = createWorld();
    const tab = world.openTab("one");
    let told = 0;
    const unsubscribe = tab.client.subscribe(() => told++);
    expect(tab.client.state()).toBe(tab.client.state());
    await world.until(tab.client.start());
    expect(told).toBe(1);
    unsubscribe();
    await signIn(world, tab);
    expect(told).toBe(1);
  });
});
