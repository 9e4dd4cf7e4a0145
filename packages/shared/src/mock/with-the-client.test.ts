/**
 * The real client on the mock, as a page has it: what each has been built to by itself has to meet.
 */
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createClient, type Client, type ClientOptions } from "../client/client.ts";
// Fetched by the client and by the mock when it is needed; here beforehand, so that the fetching
// takes no time.
import "../client/follow-events.ts";
import "./administration.ts";
import { rotate } from "./begin-session.ts";
import { createMockApi, type MockApi, type MockOptions, type MockState } from "./mock.ts";

const baseUrl = "https://api.example.com";
const start = Date.parse("2026-11-22T09:00:00Z");

/** A page and the mock, on one clock that only moves while something is waited for. */
const open = (
  options: Partial<MockOptions> = {},
  delivery: "cookie" | "bearer" = "cookie",
  localStorage: Pick<Storage, "getItem" | "setItem"> | null = null,
) => {
  let now = start;
  let made = 0;
  const timers = new Map<number, { readonly at: number; run(): void }>();
  const setTimer = (run: () => void, milliseconds: number): number => {
    timers.set((made += 1), { at: now + milliseconds, run });
    return made;
  };
  const clearTimer = (timer: unknown): void => void timers.delete(timer as number);
  const turn = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns += 1)
      await new Promise<void>((resolve) => void setImmediate(resolve));
  };
  /** Lets time pass until the condition holds. */
  const until = async (holds: () => boolean): Promise<void> => {
    await turn();
    for (let steps = 0; !holds(); steps += 1) {
      const [id, next] = [...timers].sort(([, one], [, other]) => one.at - other.at)[0] ?? [];
      if (id === undefined || !next || steps > 2_000)
        throw new Error("Nothing more happens, and it is not so yet");
      timers.delete(id);
      now = Math.max(now, next.at);
      next.run();
      await turn();
    }
  };
  const mock = createMockApi({
    baseUrl,
    clock: () => now,
    timers: {
      after: (milliseconds, run) => {
        const timer = setTimer(run, milliseconds);
        return () => clearTimer(timer);
      },
      every: (milliseconds, run) => {
        let timer = 0;
        const again = (): void => void (timer = setTimer(() => (again(), run()), milliseconds));
        again();
        return () => clearTimer(timer);
      },
    },
    ...options,
  });
  const create = (more: Partial<ClientOptions> = {}): Client => {
    const client = createClient({
      ...more,
      baseUrl,
      delivery,
      environment: {
        fetch: mock.fetch,
        elapsed: () => now - start,
        wallClock: () => now,
        random: () => 0.5,
        setTimer,
        clearTimer,
        // One tab, which holds every lock.
        locks: { request: (_name, _options, callback) => callback() },
        openChannel: null,
        indexedDB: null,
        localStorage,
        ...more.environment,
      },
    });
    onTestFinished(() => client.dispose());
    return client;
  };
  const finish = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    const settled = promise.finally(() => (done = true));
    settled.catch(() => undefined);
    await until(() => done);
    return settled;
  };
  return {
    mock,
    client: create(),
    create,
    until,
    finish,
    now: () => now,
    pass: (milliseconds: number): void => void (now += milliseconds),
  };
};

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).name,
  );

const sectionsOf = (client: Client): readonly string[] => {
  const state = client.state();
  return state.status === "signedIn" ? state.session.sections.map(({ slug }) => slug) : [];
};

const emptyState = (): MockState => {
  const other = createMockApi({ baseUrl, clock: start });
  other.dispose();
  return other.exportState();
};

let mock: MockApi;
afterEach(() => mock.dispose());

describe("the client on the mock", () => {
  it("signs in and out, by cookie and with tokens in memory", async () => {
    for (const delivery of ["cookie", "bearer"] as const) {
      const page = open({}, delivery);
      ({ mock } = page);
      const { client, finish } = page;
      await finish(client.start());
      expect(client.state().status).toBe("visitor");
      await finish(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
      expect(sectionsOf(client)).toContain("marketing");
      expect(mock.settings().persona).toBe(delivery === "cookie" ? "mike" : "visitor");
      await finish(client.call("GET /sections/:slug", { params: { slug: "marketing" } }));
      await finish(client.signOut());
      expect(client.state().status).toBe("visitor");
    }
  });

  it.each(["cookie", "bearer"] as const)(
    "renews an access token that has expired without a word, by %s",
    async (delivery) => {
      const page = open({}, delivery);
      ({ mock } = page);
      const { client, finish } = page;
      await finish(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
      mock.advanceClock({ minutes: 20 });
      const { items } = await finish(client.call("GET /sections"));
      expect(items.map(({ slug }) => slug)).toContain("marketing");
      mock.setScenario("access-token-expired");
      await finish(client.call("GET /sections"));
      expect(client.state()).toMatchObject({ status: "signedIn", connection: "online" });
    },
  );

  it.each(["cookie", "bearer"] as const)(
    "asks for the password where a call wants a fresh sign-in, and makes it once it was shown, by %s",
    async (delivery) => {
      const page = open({}, delivery);
      ({ mock } = page);
      const { finish } = page;
      let given: string | null = null;
      const asked: string[] = [];
      const client: Client = page.create({
        onFreshSignInRequired: async (key) => {
          asked.push(key);
          if (given !== null) await client.stepUp(given);
          return given !== null;
        },
      });
      await finish(client.signIn({ username: "mica", password: "sample-mica-passphrase" }));
      page.pass(6 * 60_000);
      const makeLink = "POST /users/:userId/password-link";
      const outcome = (): Promise<unknown> =>
        codeOf(finish(client.call(makeLink, { params: { userId: `usr_${"A".repeat(22)}` } })));
      expect(await outcome()).toBe("fresh_sign_in_required");
      given = "not the one";
      expect(await outcome()).toBe("invalid_credentials");
      expect(client.state()).toMatchObject({ status: "signedIn", connection: "online" });
      given = "sample-mica-passphrase";
      expect([await outcome(), await outcome()]).toEqual(["not_found", "not_found"]);
      expect(asked).toEqual([makeLink, makeLink, makeLink]);
    },
  );

  it.each(["cookie", "bearer"] as const)(
    "goes on where the answer to a change of password is lost, and has it when it asks again, by %s",
    async (delivery) => {
      const page = open({}, delivery);
      ({ mock } = page);
      const { finish } = page;
      let loses = true;
      const client = page.create({
        environment: {
          fetch: async (url, init) => {
            const answer = await page.mock.fetch(url, init);
            if (!loses || !url.endsWith("/account/password")) return answer;
            loses = false;
            throw new TypeError("The connection was lost");
          },
        },
      });
      await finish(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
      const change = {
        currentPassword: "sample-mike-passphrase",
        newPassword: "seventeen patient otters",
      };
      expect(await codeOf(finish(client.changePassword(change)))).toBe("NetworkError");
      expect(await codeOf(finish(client.call("GET /sections")))).toBe("no error");
      const session = await finish(client.changePassword(change));
      expect(session.notices.map(({ kind }) => kind)).toEqual(["passwordChanged"]);
      await finish(client.signOut());
      await finish(client.signIn({ username: "mike", password: change.newPassword }));
    },
  );

  it.each([
    ["session-expired", "idle"],
    ["reuse-detected", "reuse"],
    ["user-deactivated", "deactivated"],
  ] as const)("asks to sign in again and says why: %s", async (scenario, reason) => {
    const page = open({ persona: "mike" });
    ({ mock } = page);
    const { client, finish, until } = page;
    await finish(client.start());
    mock.setScenario(scenario);
    client.call("GET /sections").catch(() => undefined);
    await until(() => client.state().status === "expired");
    expect(client.state()).toMatchObject({
      status: "expired",
      reason,
      session: { user: { username: "mike" } },
    });
    mock.setScenario("normal");
    const session = await finish(
      client.signIn({ username: "mike", password: "sample-mike-passphrase" }),
    );
    expect(session.notices.map(({ kind }) => kind)).toEqual(
      scenario === "reuse-detected" ? ["refreshTokenReused"] : [],
    );
  });

  it.each(["refresh-response-lost", "refresh-conflict"] as const)(
    "heals without a word: %s",
    async (scenario) => {
      const page = open({ persona: "mike" });
      ({ mock } = page);
      const { client, finish } = page;
      await finish(client.start());
      mock.setScenario(scenario);
      await finish(client.call("GET /sections"));
      expect(client.state()).toMatchObject({ status: "signedIn", connection: "online" });
      expect(mock.exportState().notices).toEqual([]);
      mock.setScenario("access-token-expired");
      await finish(client.call("GET /sections"));
      expect(client.state().status).toBe("signedIn");
    },
  );

  it("signs out where somebody else has used a refresh token that lives in memory, and asks to sign in again", async () => {
    const page = open({}, "bearer");
    ({ mock } = page);
    const { client, finish, until } = page;
    await finish(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    page.pass(6 * 60_000);
    mock.change((state) => {
      const session = state.sessions.at(-1);
      if (session) rotate({ state }, session, "of-a-thief", page.now());
    });
    const waiting = client.call("GET /sections");
    await until(() => client.state().status === "expired");
    // Whoever has the successor can do nothing with it, and nobody is accused.
    expect(mock.exportState()).toMatchObject({
      sessions: [{ endReason: "signedOut" }],
      notices: [],
    });
    await finish(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    expect((await finish(waiting)).items.map(({ slug }) => slug)).toContain("marketing");
  });

  it("keeps the page while the server cannot be reached, and goes on when it can", async () => {
    const page = open({ persona: "mike" });
    ({ mock } = page);
    const { client, finish, until } = page;
    await finish(client.start());
    mock.setScenario("offline");
    expect(await finish(codeOf(client.call("GET /sections")))).toBe("NetworkError");
    expect(client.state()).toMatchObject({ status: "signedIn", connection: "lost" });
    mock.setScenario("normal");
    await until(() => client.state().connection === "online");
    await finish(client.call("GET /sections"));
  });

  it("shows what an error of the server is, and stays signed in", async () => {
    const page = open({ persona: "mike" });
    ({ mock } = page);
    const { client, finish } = page;
    await finish(client.start());
    mock.setScenario("server-error");
    expect(await finish(codeOf(client.call("GET /sections")))).toBe("internal");
    mock.setScenario("slow");
    await finish(client.call("GET /sections"));
    expect(client.state().status).toBe("signedIn");
  });

  it("learns of rights that were taken, from the answer to a request and from the stream of events", async () => {
    const page = open({ persona: "mike" });
    ({ mock } = page);
    const { client, finish, until } = page;
    await finish(client.start());
    expect(sectionsOf(client)).toContain("marketing");
    mock.setScenario("permission-removed");
    expect(
      await finish(codeOf(client.call("GET /sections/:slug", { params: { slug: "marketing" } }))),
    ).toBe("section_forbidden");
    expect(sectionsOf(client)).not.toContain("marketing");
    client.on("sectionsChanged", () => undefined);
    await until(() => true);
    mock.setScenario("normal");
    await until(() => sectionsOf(client).includes("marketing"));
    mock.takeGrant("mike", "marketing");
    await until(() => !sectionsOf(client).includes("marketing"));
    mock.endSessions("mike", "endedByAdmin");
    await until(() => client.state().status === "expired");
    expect(client.state()).toMatchObject({ reason: "endedByAdmin" });
  });

  it("is told which sections have changed", async () => {
    const page = open({ persona: "mica" });
    ({ mock } = page);
    const { client, finish, until } = page;
    await finish(client.start());
    const changed: unknown[] = [];
    client.on("sectionsChanged", ({ slugs }) => changed.push(slugs));
    await until(() => true);
    const definition = await finish(
      client.call("GET /sections/:slug/definition", { params: { slug: "marketing" } }),
    );
    await finish(
      client.call("PUT /sections/:slug/definition", {
        params: { slug: "marketing" },
        headers: { "if-match": "*" },
        body: { ...definition, title: "Marketing, renamed" },
      }),
    );
    await until(() => changed.some((slugs) => slugs !== null));
    expect(changed).toContainEqual(["marketing"]);
  });

  it("finds that a browser blocks the cookies, that attempts are limited, and a new installation", async () => {
    const page = open({ scenario: "cookies-blocked" });
    ({ mock } = page);
    const { client, create, finish } = page;
    await finish(client.signIn({ username: "mike", password: "sample-mike-passphrase" }));
    expect(await finish(client.checkCookies())).toMatchObject({ access: false, refresh: false });
    mock.setScenario("rate-limited");
    expect(
      await finish(
        codeOf(create().signIn({ username: "mike", password: "sample-mike-passphrase" })),
      ),
    ).toBe("rate_limited");
    mock.setScenario("setup");
    const person = {
      username: "ada",
      displayName: "Ada",
      email: "ada@example.com",
      password: "forty-two quiet herons",
    };
    const session = await finish(create().setUp({ ...person, token: "sample-setup-link" }));
    expect(session.roles).toEqual(["admin"]);
  });

  it("notices that somebody else has signed in in its browser", async () => {
    const page = open({ persona: "mike" });
    ({ mock } = page);
    const { client, finish } = page;
    await finish(client.start());
    mock.setPersona("frida");
    expect(await finish(codeOf(client.call("GET /sections")))).toBe("SignedInAsAnotherError");
  });

  it("is told of no change by a mock that has just begun, as by a server", async () => {
    const page = open({ persona: "mike", scenario: "many-sections" });
    ({ mock } = page);
    const { client, finish, until } = page;
    const changed: unknown[] = [];
    client.on("sectionsChanged", (change) => changed.push(change));
    await finish(client.start());
    const since = page.now();
    await until(() => page.now() > since + 30_000);
    expect(changed).toEqual([]);
  });

  describe("in a browser that remembers the last visit", () => {
    const remember = () => {
      const texts = new Map<string, string>();
      const storage = {
        getItem: (name: string) => texts.get(name) ?? null,
        setItem: (name: string, text: string) => void texts.set(name, text),
        removeItem: (name: string) => void texts.delete(name),
      };
      vi.stubGlobal("localStorage", storage);
      onTestFinished(() => void vi.unstubAllGlobals());
      return storage;
    };

    type Page = ReturnType<typeof open>;
    it.each([
      ["reset()", "visitor", ({ mock }: Page) => mock.reset()],
      ["a persona", "visitor", ({ mock }: Page) => mock.setPersona("visitor")],
      ["a scenario", "visitor", ({ mock }: Page) => mock.setScenario("signed-out")],
      ["somebody else", "frida", ({ mock }: Page) => mock.setPersona("frida")],
      ["a state", "visitor", ({ mock }: Page) => mock.importState(emptyState())],
      ["a reload, with a mock that keeps nothing", "visitor", () => undefined],
    ] as const)(
      "opens the next page as who is signed in now, after %s",
      async (_, expected, change) => {
        const storage = remember();
        const first = open({}, "cookie", storage);
        ({ mock } = first);
        await first.finish(
          first.client.signIn({ username: "mike", password: "sample-mike-passphrase" }),
        );
        first.client.dispose();
        change(first);
        const page = mock.settings().persona === "mike" ? open({}, "cookie", storage) : first;
        const next = page.create();
        await page.finish(next.start());
        const state = next.state();
        expect(state.status === "signedIn" ? state.session.user.username : state.status).toBe(
          expected,
        );
      },
    );

    it("tells an open page of a sign-out as another tab would", async () => {
      const page = open({ persona: "mike" }, "cookie", remember());
      ({ mock } = page);
      const { client, finish, until } = page;
      await finish(client.start());
      client.on("permissionsChanged", () => undefined);
      await until(() => true);
      mock.setPersona("visitor");
      await until(() => client.state().status !== "signedIn");
      expect(client.state().status).toBe("visitor");
    });
  });
});
