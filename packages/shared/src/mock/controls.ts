/**
 * What a developer or a test may do to the mock: each control changes the state, and the rules
 * follow it.
 */
import {
  contract,
  errorCodes,
  sessionEndReasons,
  type ContractKey,
  type ErrorCode,
} from "../contract/contract.ts";
import { isInForce } from "../core/core.ts";
import { isMockState } from "./check-state.ts";
import { digest } from "./digest.ts";
import { sessionInJar } from "./jar.ts";
import { errorRateOf, latencyOf, noSuch, requireKnown } from "./options.ts";
import { correctLastVisit, surroundings } from "./page.ts";
import { personas, signInAs, signOut, type Persona } from "./people.ts";
import { scenarioNames, type ScenarioName } from "./scenario-names.ts";
import { beginScenario, putSetupLink } from "./scenarios.ts";
import type { SharedWorld } from "./share-world.ts";
import type { MockState, MockUser } from "./state.ts";
import {
  addGrant,
  changeRights,
  endSessions,
  findUser,
  hasAdmin,
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

export interface MockControls {
  /**
   * Signs somebody in, in the browser, in the place of whoever was; `visitor` signs out. @throws
   * Error for an unknown name, with those there are
   */
  setPersona(persona: Persona): void;
  /**
   * Ends the scenario before and begins this one. @throws Error for an unknown name, with those
   * there are
   */
  setScenario(scenario: ScenarioName): void;
  /** @throws Error for what is no time */
  setLatency(latency: number | readonly [number, number]): void;
  /** @throws Error for what is no share from 0 to 1 */
  setErrorRate(errorRate: number): void;
  /** Lets time pass: tokens expire, limits are over. Never back. */
  advanceClock(span: Span): void;
  /** @throws Error for somebody or a section that there is not */
  giveGrant(username: string, section: string): void;
  /**
   * Takes a section from somebody, also where it came with a role. @throws Error for somebody that
   * there is not
   */
  takeGrant(username: string, section: string): void;
  deactivateUser(username: string): void;
  /** Ends all of somebody's sessions. */
  endSessions(username: string, reason: "endedByAdmin" | "passwordChanged" | "signedOut"): void;
  /**
   * From now on nobody is an admin, and a setup link may make one, for half an hour. @returns its
   * token
   */
  createSetupLink(): string;
  /** Lets an endpoint give one error whatever it is asked, until that is taken back with null. */
  failEndpoint(key: ContractKey, code: ErrorCode | null): void;
  /**
   * Changes whatever the mock knows. Access tokens of those whose rights change by it are outdated.
   */
  change(edit: (state: MockState) => void): void;
  /** Everything as it was in the beginning, options included; the clock too. */
  reset(): void;
  /** @throws Error for what `exportState` of this version has not given */
  importState(state: MockState): void;
}

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

const agent = (): string => surroundings.navigator?.userAgent ?? "mock";

const userNamed = (state: MockState, username: string): MockUser => {
  const user = findUser(state, username);
  if (!user)
    throw noSuch(
      "user",
      state.users.map((one) => one.username),
      username,
    );
  return user;
};

/** @param baseUrls of the API, as clients of this browser may call it */
export const createControls = (
  world: World,
  options: {
    readonly control: SharedWorld["control"];
    readonly baseUrls: readonly string[];
    /** What the options of the mock ask for. */
    readonly asked: MockState["asked"];
    readonly offsetNow: () => number;
    readonly createFresh: () => MockState;
  },
): MockControls & {
  /**
   * Begins with what the options ask for, on a state that is kept or, where it is `fresh`, on a new
   * one.
   */
  begin(fresh: boolean): void;
} => {
  const { control, baseUrls, asked, offsetNow, createFresh } = options;
  const correctVisit = (): void => correctLastVisit(baseUrls, sessionInJar(world) !== null);
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

  return {
    begin: (fresh) =>
      control(() => {
        applyAsked();
        // A server that has just begun knows nothing of the visits before.
        if (fresh) correctVisit();
      }),
    setPersona: (persona) => control(() => applyPersona(persona)),
    setScenario: (scenario) => control(() => applyScenario(scenario)),
    setLatency: (latency) => control(() => void (world.state.latency = latencyOf(latency))),
    setErrorRate: (errorRate) =>
      control(() => void (world.state.errorRate = errorRateOf(errorRate))),
    advanceClock: (span) => control(() => void (world.state.clockOffset += millisecondsOf(span))),
    giveGrant: (username, section) =>
      control(() => {
        const user = userNamed(world.state, username);
        const slugs = world.state.sections.map(({ definition }) => definition.slug);
        if (section !== "_all_") requireKnown("section", slugs, section);
        if (
          world.state.grants.some(
            (grant) =>
              grant.section === section &&
              isInForce(grant, world.now()) &&
              "username" in grant.to &&
              grant.to.username === user.username,
          )
        )
          return;
        changeRights(world, () =>
          addGrant(world.state, { username: user.username }, section, world.now()),
        );
      }),
    takeGrant: (username, section) =>
      control(() => {
        const { state } = world;
        const user = userNamed(world.state, username);
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
      control(() =>
        changeRights(world, () => void (userNamed(world.state, username).active = false)),
      ),
    endSessions: (username, reason) =>
      control(() => {
        requireKnown("reason", sessionEndReasons, reason);
        const { id } = userNamed(world.state, username);
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
        world.state = createFresh();
        applyAsked();
        correctVisit();
      }),
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
  };
};
