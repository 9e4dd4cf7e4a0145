import { http, HttpResponse } from "msw/http";
import {
  contract,
  errorCodes,
  sessionEndReasons,
  type ContractKey,
  type ErrorCode,
} from "../contract/contract.ts";
import {
  bodyLimitBytes,
  createAuthorize,
  createDatasetRegister,
  createDenials,
  createIdentify,
  createOrigins,
  createRefusedSignIns,
  createTokenCookies,
  defaults,
  exposedHeaders,
  type Stores,
} from "../core/core.ts";
import { createAnswering, createHandlers, type GivenAnswer } from "../core/handlers.ts";
import {
  answerWith,
  createDetours,
  findEndpoint,
  gunzip,
  receivedFrom,
  uploadLimitBytesOf,
} from "./answer.ts";
import { isMockState } from "./check-state.ts";
import { cookiesOf, rotate } from "./begin-session.ts";
import { chanceOf as numberOf, digest } from "./digest.ts";
import { createEvents } from "./events.ts";
import { cookieHeaderOf, sessionInJar, storeCookies } from "./jar.ts";
import { admit, refreshLimitsOf } from "./limits.ts";
import { createKeeper, persistences, type Persistence } from "./keep-state.ts";
import {
  correctLastVisit,
  isInBrowser,
  pageOrigin,
  surroundings,
  type TextStorage,
} from "./page.ts";
import { personaOf, personas, presentSession, signInAs, signOut, type Persona } from "./people.ts";
import { scenarioNames, type ScenarioName } from "./scenario-names.ts";
import { beginScenario, putSetupLink, wireFaultOf } from "./scenarios.ts";
import type { MockState } from "./state.ts";
import { createMemoryStores } from "./stores/stores.ts";
import { tellDeveloper } from "./tell-developer.ts";
import {
  chanceOf,
  createAccessTokens,
  csrfTokensOf,
  digests,
  passwords,
  refreshTokensOf,
} from "./tokens.ts";
import {
  changeRights,
  createState,
  endSessions,
  findUser,
  hasAdmin,
  newId,
  permissionsOf,
  type World,
} from "./world.ts";

/** A time in milliseconds, or in words. */
export type Span =
  | number
  | {
      readonly days?: number;
      readonly hours?: number;
      readonly minutes?: number;
      readonly seconds?: number;
    };

/** Timers, for tests whose time does not pass by itself. */
export interface MockTimers {
  /** Runs something once, after so many milliseconds; returns how to give it up. */
  after(milliseconds: number, run: () => void): () => void;
  /** Runs something again and again; returns how to stop. */
  every(milliseconds: number, run: () => void): () => void;
}

export interface MockOptions {
  /** Where the page believes the API to be. Relative to the page, where there is one. */
  readonly baseUrl: string;
  /** Who is signed in when a page opens for the first time: `visitor`, for nobody, without it. */
  readonly persona?: Persona;
  /** What is wrong: `normal`, nothing, without it. */
  readonly scenario?: ScenarioName;
  /** How long an answer takes, in milliseconds: one number, or the least and the most. 0 without it. */
  readonly latency?: number | readonly [number, number];
  /** The share of requests that fail by chance, from 0, as without it, to 1: with an error of the server, or without an answer. */
  readonly errorRate?: number;
  /** What time it is when the mock begins, or a function that tells the time. The computer's clock without it. */
  readonly clock?: Date | number | string | (() => number);
  /** What ids, data and chance are made from: the same again with the same seed. Without it, that of what is kept, or 1. */
  readonly seed?: number;
  /** How long what the mock knows lasts: `none`, until the page is reloaded, without it; `tab`; `browser`, and then all tabs share it. */
  readonly persistence?: Persistence;
  /** The origins of pages that may use the API. The page's own without it. */
  readonly origins?: readonly string[];
  /** The origin of requests that name none: that of the page, or the first allowed one where there is no page. Null: none, as tools send. */
  readonly origin?: string | null;
  /** How many MiB of rows a request may send. As many as on the server without it. */
  readonly uploadLimitMebibytes?: number;
  readonly timers?: MockTimers;
  /** Where the state is kept, in the place of the browser's storage. */
  readonly storage?: TextStorage;
}

export interface MockSettings {
  /** The user name of who is signed in in the browser; `visitor` for nobody. */
  readonly persona: string;
  readonly scenario: ScenarioName;
  /** The least and the most, in milliseconds. */
  readonly latency: readonly [number, number];
  readonly errorRate: number;
  readonly seed: number;
  /** Of the mock's clock, in milliseconds since 1970. */
  readonly now: number;
  readonly baseUrl: string;
}

export interface MockApi {
  /** For `setupWorker(...handlers)` of `msw/browser` and `setupServer(...handlers)` of `msw/node`. */
  readonly handlers: ReturnType<typeof http.all>[];
  /** Answers a request as the API would, without MSW. A relative address is one of the API's. @throws TypeError where no answer arrives */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The same object until something changes. */
  settings(): MockSettings;
  /** Calls back after every request and every change; returns how to stop. */
  subscribe(listener: () => void): () => void;
  /** Signs somebody in, in the browser, in the place of whoever was; `visitor` signs out. @throws Error for an unknown name, with those there are */
  setPersona(persona: Persona): void;
  /** Ends the scenario before and begins this one. @throws Error for an unknown name, with those there are */
  setScenario(scenario: ScenarioName): void;
  /** @throws Error for what is no time */
  setLatency(latency: number | readonly [number, number]): void;
  /** @throws Error for what is no share from 0 to 1 */
  setErrorRate(errorRate: number): void;
  /** Lets time pass: tokens expire, limits are over. Never back. */
  advanceClock(span: Span): void;
  /** @throws Error for somebody or a section that there is not */
  giveGrant(username: string, section: string): void;
  /** Takes a section from somebody, also where it came with a role. @throws Error for somebody that there is not */
  takeGrant(username: string, section: string): void;
  deactivateUser(username: string): void;
  /** Ends all of somebody's sessions. */
  endSessions(username: string, reason: "endedByAdmin" | "passwordChanged" | "signedOut"): void;
  /** From now on nobody is an admin, and a setup link may make one, for half an hour. @returns its token */
  createSetupLink(): string;
  /** Lets an endpoint give one error whatever it is asked, until that is taken back with null. */
  failEndpoint(key: ContractKey, code: ErrorCode | null): void;
  /** Changes whatever the mock knows. Access tokens of those whose rights change by it are outdated. */
  change(edit: (state: MockState) => void): void;
  /** Everything as it was in the beginning, options included; the clock too. */
  reset(): void;
  /** All that the mock knows, as an object of JSON. */
  exportState(): MockState;
  /** @throws Error for what `exportState` of this version has not given */
  importState(state: MockState): void;
  /** Ends every stream of events and every timer. */
  dispose(): void;
}

const knownOptions: Readonly<Record<keyof MockOptions, true>> = {
  baseUrl: true,
  persona: true,
  scenario: true,
  latency: true,
  errorRate: true,
  clock: true,
  seed: true,
  persistence: true,
  origins: true,
  origin: true,
  uploadLimitMebibytes: true,
  timers: true,
  storage: true,
};

/** @throws Error with the names that there are */
const requireKnown: <T extends string>(
  what: string,
  names: readonly T[],
  name: string,
) => asserts name is T = (what, names, name) => {
  if (!(names as readonly string[]).includes(name))
    throw new Error(`There is no ${what} ${JSON.stringify(name)}. There are: ${names.join(", ")}.`);
};

const latencyOf = (latency: number | readonly [number, number]): readonly [number, number] => {
  const [least, most] = typeof latency === "number" ? [latency, latency] : latency;
  if (!(least >= 0 && most >= least && most <= 600_000))
    throw new Error(
      `${JSON.stringify(latency)} is no latency: give milliseconds, or the least and the most of them.`,
    );
  return [least, most];
};

const errorRateOf = (errorRate: number): number => {
  if (!(errorRate >= 0 && errorRate <= 1))
    throw new Error(`${errorRate} is no error rate: give a number from 0 to 1.`);
  return errorRate;
};

const units = ["days", "hours", "minutes", "seconds"] as const satisfies readonly (keyof Extract<
  Span,
  object
>)[];

const millisecondsOf = (span: Span): number => {
  if (typeof span === "object")
    for (const unit of Object.keys(span)) requireKnown("unit of time", units, unit);
  const { days = 0, hours = 0, minutes = 0, seconds = 0 } = typeof span === "number" ? {} : span;
  const milliseconds =
    typeof span === "number" ? span : (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  if (!(milliseconds >= 0))
    throw new Error(`${JSON.stringify(span)} is no time to pass: time does not go back.`);
  return milliseconds;
};

const realTimers: MockTimers = {
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  every: (milliseconds, run) => {
    const timer = setInterval(run, milliseconds);
    return () => clearInterval(timer);
  },
};

/** Do pages there and the API share cookies as one site? Without the public suffix list, by the last two labels. */
const cookieModeOf = (
  publicUrl: string,
  origin: string | undefined,
): "same-site" | "cross-site" => {
  const siteOf = (url: string): string => new URL(url).hostname.split(".").slice(-2).join(".");
  return origin === undefined || siteOf(publicUrl) === siteOf(origin) ? "same-site" : "cross-site";
};

/** What a script in a page on another origin is not shown of an answer. */
const readableHeaders = new Set([
  ...exposedHeaders.toLowerCase().split(", "),
  "cache-control",
  "content-language",
  "content-length",
  "content-type",
  "expires",
  "last-modified",
  "pragma",
]);

const noKeys = { keys: [] };

/** Nothing arrives. */
class Unreachable extends Error {}

/**
 * The API of Sallyport, in memory. It knows people, sessions, sections and data, and answers by the server's own code
 * (`limitations` says what it cannot do).
 * @throws Error for options, personas and scenarios that there are not
 */
export const createMockApi = (options: MockOptions): MockApi => createMock(options);

/** @param arrange puts other stores in the place of those in memory: those that answer late, where that is to be tried */
export const createMock = (
  options: MockOptions,
  arrange: (stores: Stores) => Stores = (stores) => stores,
): MockApi => {
  for (const name of Object.keys(options)) requireKnown("option", Object.keys(knownOptions), name);
  const { persistence = "none", timers = realTimers, clock } = options;
  requireKnown("persistence", persistences, persistence);
  if (options.persona !== undefined) requireKnown("persona", personas, options.persona);
  if (options.scenario !== undefined) requireKnown("scenario", scenarioNames, options.scenario);

  const publicUrl = new URL(options.baseUrl, surroundings.location?.href).href.replace(/\/+$/, "");
  const basePath = new URL(publicUrl).pathname.replace(/\/$/, "");
  const page = pageOrigin();
  const allowed = options.origins ?? [page ?? "https://app.example.com"];
  const ownOrigin =
    options.origin === undefined ? (page ?? allowed[0]) : (options.origin ?? undefined);
  const origins = createOrigins(allowed, publicUrl);
  const agent = (): string => surroundings.navigator?.userAgent ?? "mock";

  const tellTime = typeof clock === "function" ? clock : () => Date.now();
  const beginning =
    clock === undefined || typeof clock === "function" ? null : new Date(clock).getTime();
  if (Number.isNaN(beginning))
    throw new Error(
      `${String(clock)} is no time: give a date, milliseconds since 1970, ISO 8601, or a function.`,
    );
  const asked = {
    ...(options.persona !== undefined && { persona: options.persona }),
    ...(options.scenario !== undefined && { scenario: options.scenario }),
    ...(options.latency !== undefined && { latency: latencyOf(options.latency) }),
    ...(options.errorRate !== undefined && { errorRate: errorRateOf(options.errorRate) }),
    ...(beginning !== null && { clock: beginning }),
  };
  const offsetNow = (): number => (beginning === null ? 0 : beginning - tellTime());

  const createFresh = (seed: number): MockState => {
    const clockOffset = offsetNow();
    return { ...createState(seed, tellTime() + clockOffset), clockOffset };
  };
  const world: World = {
    state: createFresh(options.seed ?? 1),
    publicUrl,
    cookies: createTokenCookies({
      mode: cookieModeOf(publicUrl, ownOrigin),
      instance: defaults.instance,
      publicUrl,
    }),
    now: () => Math.floor(tellTime() + world.state.clockOffset),
  };
  const keeper = createKeeper({
    persistence,
    name: `sallyport-mock ${publicUrl}`,
    storage: options.storage,
    after: timers.after,
    onChange: () => {
      refreshState();
      tell();
    },
    onLeave: () => {
      if (unkept.length > 0) keep();
    },
  });
  /** The state that the request under way began with, so that it changes no other that is put in its place meanwhile. */
  let acting: MockState | null = null;
  const state = (): MockState => acting ?? world.state;
  let changes = 0;
  const storesOf = (of: () => MockState) =>
    createMemoryStores(
      { state: of, now: world.now, newId: (prefix) => newId(of(), prefix) },
      () => changes,
    );
  const stores = arrange(storesOf(state));
  const chance = chanceOf(state);
  const tokens = createAccessTokens({
    publicUrl,
    get state() {
      return state();
    },
  });
  const csrfTokens = csrfTokensOf(state);
  const { cookies, now } = world;
  const events = createEvents(
    storesOf(() => world.state),
    { now, every: timers.every },
  );
  const reportFault = (error: unknown): void => tellDeveloper("something is wrong with it.", error);
  /** What counts beside the state begins anew with another one: the same requests then give the same again. */
  const ofEachState = <T>(create: () => T): (() => T) => {
    const created = new WeakMap<MockState, { readonly counting: T }>();
    return () => {
      const known = created.get(state()) ?? { counting: create() };
      created.set(state(), known);
      return known.counting;
    };
  };
  const refusedSignIns = ofEachState(() =>
    createRefusedSignIns({ now, store: stores.audit.add, reportFault }),
  );
  const denials = ofEachState(() => createDenials({ audit: stores.audit, now, reportFault }));
  const handlers = createHandlers({
    stores,
    datasets: createDatasetRegister({ stores, chance }),
    chance,
    digests,
    tokens,
    refreshTokens: refreshTokensOf(state),
    csrfTokens,
    passwords,
    cookies,
    origins,
    signInQueue: {
      enter: async (attempt) => ({ fail: admit(state(), attempt, now()), end: () => {} }),
    },
    refusedSignIns: {
      record: (refused) => refusedSignIns().record(refused),
      store: (event) => refusedSignIns().store(event),
    },
    refreshLimits: {
      charge: (...asked) => refreshLimitsOf(state()).charge(...asked),
      refuse: (...asked) => refreshLimitsOf(state()).refuse(...asked),
    },
    now,
    idleMilliseconds: defaults.sessionIdleSeconds * 1000,
    absoluteMilliseconds: defaults.sessionAbsoluteSeconds * 1000,
    liveChanges: events.liveChanges,
    // Nothing is signed, so there is no key.
    keys: { jwks: () => noKeys, lifeSeconds: 300 },
    publicUrl,
    version: "0.1.0",
    isShuttingDown: () => false,
    reportPanelFailure: () => {},
    reportFault,
  });
  const detours = createDetours(() => state().failures);
  const answering = createAnswering(handlers, {
    publicUrl,
    origins,
    bodyLimitBytes,
    uploadLimitBytes: uploadLimitBytesOf(options.uploadLimitMebibytes),
    chance,
    digests,
    csrfTokens,
    gunzip,
    identify: createIdentify({ stores, tokens, cookies, now }),
    authorize: createAuthorize(stores),
    elapsed: () => 0,
    recordDenial: (denial) => denials()(denial),
    noteUnlistedOrigin: () => {},
    logRequest: () => {},
    expectedOf: () => null,
    reportFault,
    detours,
  });

  const listeners = new Set<() => void>();
  let told: MockSettings | null = null;
  const tell = (): void => {
    changes += 1;
    events.look();
    for (const listener of listeners) listener();
  };

  /** What the controls have done in this tab that has not been kept yet: what another tab keeps first has to hold it as well. */
  let unkept: (() => void)[] = [];
  /** Takes over what another tab has kept, and says whether there was anything. */
  const refreshState = (): boolean => {
    const kept = keeper.read();
    if (kept === null || (options.seed !== undefined && kept.seed !== options.seed)) return false;
    world.state = kept;
    for (const act of unkept) {
      try {
        act();
      } catch (error) {
        tellDeveloper(
          "what was asked of it in this tab does not go with what another tab has made of it.",
          error,
        );
      }
    }
    return true;
  };
  const keep = (): void => {
    keeper.write(world.state);
    unkept = [];
  };
  /** Holds in this tab at once. */
  const control = (act: () => void): void => {
    refreshState();
    act();
    if (keeper.isShared) {
      unkept.push(act);
      const kept = keeper.exclusively(async () => {
        refreshState();
        keep();
      });
      kept.catch(() => {
        // The page is being left.
      });
    } else keep();
    tell();
  };

  const correctVisit = (): void =>
    correctLastVisit([options.baseUrl, publicUrl], sessionInJar(world) !== null);
  const applyPersona = (persona: string): void => {
    requireKnown("persona", personas, persona);
    if (persona === "visitor") signOut(world);
    else signInAs(world, persona, agent());
    correctVisit();
  };
  const applyScenario = (scenario: string): void => {
    requireKnown("scenario", scenarioNames, scenario);
    const before = sessionInJar(world);
    beginScenario(world, scenario, agent());
    if (sessionInJar(world)?.id !== before?.id) correctVisit();
  };
  /** What the options ask for, where that is not what they asked for when the state was kept. */
  const applyAsked = (): void => {
    const { state } = world;
    const before = state.asked;
    state.asked = asked;
    if (asked.latency && JSON.stringify(asked.latency) !== JSON.stringify(before.latency))
      state.latency = asked.latency;
    if (asked.errorRate !== undefined && asked.errorRate !== before.errorRate)
      state.errorRate = asked.errorRate;
    // Time does not go back: tokens would be from the future.
    if (asked.clock !== undefined && asked.clock !== before.clock && asked.clock > world.now())
      state.clockOffset = offsetNow();
    if (asked.persona !== undefined && asked.persona !== before.persona)
      applyPersona(asked.persona);
    if (asked.scenario !== undefined && asked.scenario !== before.scenario)
      applyScenario(asked.scenario);
  };
  const isFresh = !refreshState();
  control(() => {
    applyAsked();
    // A server that has just begun knows nothing of the visits before.
    if (isFresh) correctVisit();
  });

  const draw = (): number => numberOf(world.state.seed, "chance", (world.state.drawn += 1));

  const wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (milliseconds <= 0) return resolve();
      const giveUp = timers.after(milliseconds, resolve);
      signal.addEventListener(
        "abort",
        () => {
          giveUp();
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });

  /** By chance, as often as the error rate says. @throws Unreachable */
  const meetChance = (key: ContractKey | null): ErrorCode | null => {
    if (world.state.errorRate === 0 || draw() >= world.state.errorRate) return null;
    const kind = draw();
    if (kind < 1 / 3) throw new Unreachable();
    return kind < 2 / 3 || key === null ? "internal" : "busy";
  };

  const isRefresh = (key: ContractKey | null): boolean => key === "POST /refresh";

  /** One request and its answer, as far as both reach the other side. @throws Unreachable */
  const exchange = async (
    request: Request,
    body: Uint8Array<ArrayBuffer> | null,
  ): Promise<GivenAnswer> => {
    const url = new URL(request.url);
    const sent: { cookies?: string | undefined } = {};
    const header = (name: string): string | undefined =>
      name === "cookie"
        ? sent.cookies
        : (request.headers.get(name) ?? (name === "origin" ? ownOrigin : undefined));
    const rawPath = url.pathname.slice(basePath.length) || "/";
    const received = receivedFrom(request.method, rawPath, url.search, header, body);
    const key = findEndpoint(request.method, received.path);
    const began = world.state;
    const wire = wireFaultOf(began);
    if (wire?.fault === "unreachable") throw new Unreachable();
    let given = meetChance(key);
    if (wire?.fault === "error") given = wire.code;

    const sendsCookies =
      request.credentials === "include" ||
      (request.credentials === "same-origin" && (!isInBrowser() || page === url.origin));
    const keepsCookies = sendsCookies && wire?.fault !== "cookiesBlocked";
    let successor: readonly string[] = [];
    if (wire?.fault === "refreshOvertaken" && isRefresh(key)) {
      began.armed = false;
      const session = keepsCookies ? sessionInJar(world) : null;
      // Of one that is over, no tab gets anything any more.
      if (session && presentSession(world) === session) {
        rotate(world, session, digest("another-tab"), world.now());
        // What this browser will hold when the other tab's answer has arrived.
        successor = cookiesOf(world, session);
      } else if (!session) given ??= "refresh_conflict";
    }

    sent.cookies =
      request.headers.get("cookie") ??
      (keepsCookies ? cookieHeaderOf(began, world.now()) : undefined);
    const jar = JSON.stringify(began.jar);
    acting = began;
    detours.give(given);
    const answered = await answerWith(answering, key, received).finally(() => {
      detours.give(null);
      acting = null;
    });
    if (wire?.fault === "refreshAnswerLost" && isRefresh(key) && answered.status === 200) {
      began.armed = false;
      throw new Unreachable();
    }
    // Where a control has changed hands meanwhile, the browser is somebody else's, or nobody's.
    if (keepsCookies && JSON.stringify(began.jar) === jar)
      storeCookies(began, [...successor, ...answered.cookies], world.now());
    return answered;
  };

  /**
   * An exchange that is kept. Where a control has put another state in the place of the one that it began with, all that it
   * did is gone, and it is done again.
   * @throws Unreachable
   */
  const exchangeAndKeep = async (
    request: Request,
    body: Uint8Array<ArrayBuffer> | null,
  ): Promise<GivenAnswer> => {
    for (;;) {
      refreshState();
      const before = world.state;
      const [result] = await Promise.allSettled([exchange(request, body)]);
      if (refreshState() || world.state !== before) {
        if (result.status === "fulfilled" && result.value.body instanceof ReadableStream)
          await result.value.body.cancel();
        continue;
      }
      keep();
      if (result.status === "rejected") throw result.reason;
      return result.value;
    }
  };

  /** @throws Unreachable, and what the request's signal is aborted with */
  const answer = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted();
    const body =
      request.body === null && request.method === "GET"
        ? null
        : new Uint8Array(await request.arrayBuffer());
    refreshState();
    const { latency } = world.state;
    const wire = wireFaultOf(world.state);
    const milliseconds =
      (latency[1] > 0 ? latency[0] + draw() * (latency[1] - latency[0]) : 0) +
      (wire?.fault === "slow" ? wire.milliseconds : 0);
    await wait(milliseconds, request.signal);
    let answered: GivenAnswer;
    try {
      answered = await keeper.exclusively(() => exchangeAndKeep(request, body));
    } finally {
      tell();
    }
    const { status, headers, cookies } = answered;
    return new Response(answered.body, {
      status,
      headers: [
        ...Object.entries(headers),
        ...cookies.map((cookie): [string, string] => ["Set-Cookie", cookie]),
      ],
    });
  };

  const isOurs = (url: string): boolean =>
    url === publicUrl || url.startsWith(`${publicUrl}/`) || url.startsWith(`${publicUrl}?`);

  const userNamed = (username: string) => {
    const user = findUser(world.state, username);
    if (!user)
      throw new Error(
        `There is no user ${JSON.stringify(username)}. There are: ${world.state.users.map((one) => one.username).join(", ")}.`,
      );
    return user;
  };

  return {
    handlers: [
      http.all(
        ({ request }) => isOurs(request.url),
        async ({ request }) => {
          let response: Response;
          try {
            response = await answer(request);
          } catch (error) {
            if (error instanceof Unreachable || request.signal.aborted) return HttpResponse.error();
            throw error;
          }
          // MSW would keep them in a jar of its own.
          response.headers.delete("Set-Cookie");
          // A script on another origin is shown no other headers by its browser.
          if (isInBrowser() && page !== new URL(publicUrl).origin)
            for (const name of [...response.headers.keys()])
              if (!readableHeaders.has(name)) response.headers.delete(name);
          return response;
        },
      ),
    ],
    fetch: async (input, init) => {
      const request = new Request(
        input instanceof Request ? input : new URL(input, `${publicUrl}/`),
        init,
      );
      if (!isOurs(request.url))
        throw new TypeError(`${request.url} is no address of the mock, which is at ${publicUrl}.`);
      try {
        return await answer(request);
      } catch (error) {
        // As fetch has it.
        if (error instanceof Unreachable) throw new TypeError("Failed to fetch", { cause: error });
        throw error;
      }
    },
    settings: () => {
      const { scenario, latency, errorRate, seed } = world.state;
      const now: MockSettings = {
        persona: personaOf(world),
        scenario,
        latency,
        errorRate,
        seed,
        now: world.now(),
        baseUrl: publicUrl,
      };
      if (
        told === null ||
        JSON.stringify({ ...told, now: 0 }) !== JSON.stringify({ ...now, now: 0 }) ||
        Math.abs(told.now - now.now) >= 1_000
      )
        told = now;
      return told;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    setPersona: (persona) => control(() => applyPersona(persona)),
    setScenario: (scenario) => control(() => applyScenario(scenario)),
    setLatency: (latency) => control(() => void (world.state.latency = latencyOf(latency))),
    setErrorRate: (errorRate) =>
      control(() => void (world.state.errorRate = errorRateOf(errorRate))),
    advanceClock: (span) => control(() => void (world.state.clockOffset += millisecondsOf(span))),
    giveGrant: (username, section) =>
      control(() => {
        const user = userNamed(username);
        const slugs = world.state.sections.map(({ definition }) => definition.slug);
        if (section !== "_all_") requireKnown("section", slugs, section);
        if (
          world.state.grants.some(
            (grant) =>
              grant.section === section &&
              "username" in grant.to &&
              grant.to.username === user.username,
          )
        )
          return;
        changeRights(
          world,
          () => void world.state.grants.push({ to: { username: user.username }, section }),
        );
      }),
    takeGrant: (username, section) =>
      control(() => {
        const { state } = world;
        const user = userNamed(username);
        changeRights(world, () => {
          state.grants = state.grants.filter(
            (grant) =>
              grant.section !== section ||
              ("role" in grant.to
                ? !user.roles.includes(grant.to.role)
                : grant.to.username !== user.username),
          );
        });
      }),
    deactivateUser: (username) =>
      control(() => changeRights(world, () => void (userNamed(username).active = false))),
    endSessions: (username, reason) =>
      control(() => {
        requireKnown("reason", sessionEndReasons, reason);
        const { id } = userNamed(username);
        endSessions(world.state, ({ userId }) => userId === id, reason, world.now());
      }),
    createSetupLink: () => {
      // Once, however often the rest has to be done on what other tabs have kept.
      const token = digest(world.state.seed, "setup", (world.state.made += 1));
      control(() => {
        const { state } = world;
        changeRights(world, () => {
          for (const user of state.users)
            if (permissionsOf(state, user).length > 0) user.roles = [];
        });
        if (hasAdmin(state)) throw new Error("Somebody is still an admin");
        putSetupLink(world, token);
      });
      return token;
    },
    failEndpoint: (key, code) =>
      control(() => {
        requireKnown("endpoint", Object.keys(contract), key);
        if (code !== null) requireKnown("error code", errorCodes, code);
        if (code === null) delete world.state.failures[key];
        else world.state.failures[key] = code;
      }),
    change: (edit) => control(() => changeRights(world, () => edit(world.state))),
    reset: () =>
      control(() => {
        world.state = createFresh(options.seed ?? world.state.seed);
        applyAsked();
        correctVisit();
      }),
    exportState: () => structuredClone(world.state),
    importState: (state) => {
      if (!isMockState(state))
        throw new Error(
          "This is no state of this version of the mock: take what exportState() gives.",
        );
      const imported = structuredClone(state);
      control(() => {
        world.state = structuredClone(imported);
        correctVisit();
      });
    },
    dispose: () => {
      keeper.close();
      events.liveChanges.close();
    },
  };
};
