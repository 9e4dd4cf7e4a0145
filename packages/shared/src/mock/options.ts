/** What a mock is given, and what of it makes no sense. */
import { persistences, type Persistence } from "./keep-state.ts";
import { pageOrigin, surroundings, type TextStorage } from "./page.ts";
import { personas, type Persona } from "./people.ts";
import { scenarioNames, type ScenarioName } from "./scenario-names.ts";
import type { MockState } from "./state.ts";

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
  /**
   * How long an answer takes, in milliseconds: one number, or the least and the most. 0 without it.
   */
  readonly latency?: number | readonly [number, number];
  /**
   * The share of requests that fail by chance, from 0, as without it, to 1: with an error of the
   * server, or without an answer.
   */
  readonly errorRate?: number;
  /**
   * What time it is when the mock begins, or a function that tells the time. The computer's clock
   * without it.
   */
  readonly clock?: Date | number | string | (() => number);
  /**
   * What ids, data and chance are made from: the same again with the same seed. Without it, that of
   * what is kept, or 1.
   */
  readonly seed?: number;
  /**
   * How long what the mock knows lasts: `none`, until the page is reloaded, without it; `tab`;
   * `browser`, and then all tabs share it.
   */
  readonly persistence?: Persistence;
  /** The origins of pages that may use the API. The page's own without it. */
  readonly origins?: readonly string[];
  /**
   * The origin of requests that name none: that of the page, or the first allowed one where there
   * is no page. Null: none, as tools send.
   */
  readonly origin?: string | null;
  /** How many MiB of rows a request may send. As many as on the server without it. */
  readonly uploadLimitMebibytes?: number;
  readonly timers?: MockTimers;
  /** Where the state is kept, in the place of the browser's storage. */
  readonly storage?: TextStorage;
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

/** What is said of a name that there is not: those that there are. */
export const noSuch = (what: string, names: readonly string[], name: string): Error =>
  new Error(`There is no ${what} ${JSON.stringify(name)}. There are: ${names.join(", ")}.`);

/** @throws Error with the names that there are */
export const requireKnown: <T extends string>(
  what: string,
  names: readonly T[],
  name: string,
) => asserts name is T = (what, names, name) => {
  if (!(names as readonly string[]).includes(name)) throw noSuch(what, names, name);
};

export const latencyOf = (
  latency: number | readonly [number, number],
): readonly [number, number] => {
  const [least, most] = typeof latency === "number" ? [latency, latency] : latency;
  if (!(least >= 0 && most >= least && most <= 600_000))
    throw new Error(
      `${JSON.stringify(latency)} is no latency: give milliseconds, or the least and the most of them.`,
    );
  return [least, most];
};

export const errorRateOf = (errorRate: number): number => {
  if (!(errorRate >= 0 && errorRate <= 1))
    throw new Error(`${errorRate} is no error rate: give a number from 0 to 1.`);
  return errorRate;
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

/**
 * What the options say of the place and the time in which the mock runs, and of what it begins
 * with.
 */
export interface Setting {
  /** The address of the API, without a slash at its end. */
  readonly publicUrl: string;
  /** The origins of pages that may use it. */
  readonly allowed: readonly string[];
  /** The origin of requests that name none. */
  readonly ownOrigin: string | undefined;
  readonly persistence: Persistence;
  readonly timers: MockTimers;
  /** What a kept state remembers that it was asked for. */
  readonly asked: MockState["asked"];
  /** By the clock that the mock was given. */
  readonly tellTime: () => number;
  /** By how much a mock that begins now is ahead of that clock, in milliseconds. */
  readonly offsetNow: () => number;
}

/**
 * @throws Error for options, personas and scenarios that there are not, and for a clock that tells
 * no time
 */
export const readOptions = (options: MockOptions): Setting => {
  for (const name of Object.keys(options)) requireKnown("option", Object.keys(knownOptions), name);
  const page = pageOrigin();
  const {
    persona,
    scenario,
    latency,
    errorRate,
    clock,
    persistence = "none",
    timers = realTimers,
    origins: allowed = [page ?? "https://app.example.com"],
    origin = page ?? allowed[0],
  } = options;
  requireKnown("persistence", persistences, persistence);
  if (persona !== undefined) requireKnown("persona", personas, persona);
  if (scenario !== undefined) requireKnown("scenario", scenarioNames, scenario);

  const tellTime = typeof clock === "function" ? clock : () => Date.now();
  const beginning =
    clock === undefined || typeof clock === "function" ? null : new Date(clock).getTime();
  if (Number.isNaN(beginning))
    throw new Error(
      `${String(clock)} is no time: give a date, milliseconds since 1970, ISO 8601, or a function.`,
    );
  return {
    publicUrl: new URL(options.baseUrl, surroundings.location?.href).href.replace(/\/+$/, ""),
    allowed,
    ownOrigin: origin ?? undefined,
    persistence,
    timers,
    asked: {
      persona,
      scenario,
      latency: latency === undefined ? undefined : latencyOf(latency),
      errorRate: errorRate === undefined ? undefined : errorRateOf(errorRate),
      clock: beginning ?? undefined,
    },
    tellTime,
    offsetNow: () => (beginning === null ? 0 : beginning - tellTime()),
  };
};
