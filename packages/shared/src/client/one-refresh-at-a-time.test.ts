import { describe, expect, test } from "vitest";
import { createWorld, type Tab } from "../../test/fake-browser.ts";
import { NetworkError, SignedOutError } from "./client.ts";
import { accessLifeMs, credentialsOf, later, signIn, userOf } from "../../test/signed-in.ts";

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
      // This browser forgets the cookies of an aborted request, as one that has not yet read its
      // headers does.
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

  test("A step-up in one tab makes a refresh in flight in another stand aside, and the session goes on in both", async () => {
    const world = createWorld();
    const one = await world.signedInTab();
    const two = await world.startedTab("two");
    await world.advance(accessLifeMs + 5000);
    let refreshes = 0;
    world.network.latencyMs = (route) =>
      route === "POST /refresh" && (refreshes += 1) === 1 ? 6000 : 20;
    const waiting = later(one.client.call("GET /sections"));
    await world.advance(100);
    const began = world.now();
    await world.until(two.client.stepUp(credentialsOf("mike").password));
    expect(world.now() - began).toBeLessThan(1000);
    expect(userOf(await world.until(waiting))).toBe("mike");
    expect(one.client.state()).toMatchObject({ status: "signedIn" });
    expect(world.server.live()).toMatchObject([{ generation: 2 }]);
  });

  test("A step-up whose answer is lost is sent again under its key, which a wrong password does not use up", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    const other = await world.startedTab("two");
    const { password } = credentialsOf("mike");
    await expect(world.until(later(tab.client.stepUp("not it")))).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    world.network.fault = (route) => (route === "POST /step-up" ? "responseLost" : null);
    await expect(world.until(later(tab.client.stepUp(password)))).rejects.toBeInstanceOf(
      NetworkError,
    );
    world.network.fault = () => null;
    await world.until(tab.client.stepUp(password));
    const keys = world.routes("POST /step-up").map(({ headers }) => headers["idempotency-key"]);
    expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
    expect(world.server.live()).toMatchObject([{ generation: 1 }]);
    world.takeLog();
    await world.until(other.client.call("GET /sections"));
    expect(world.takeLog()).toEqual(["GET /sections 200"]);
    expect(other.client.state()).toMatchObject({ status: "signedIn", connection: "online" });
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
