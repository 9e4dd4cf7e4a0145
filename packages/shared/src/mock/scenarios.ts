/**
 * What can be wrong: each scenario once, with what it does to the state when it begins, or to every
 * request while it lasts.
 */
import type { SectionDefinition } from "../contract/contract.ts";
import { everySection } from "../contract/permissions.ts";
import { networksOf, encodeBase64Url, setupLinkLifeMinutes, usernameKey } from "../core/core.ts";
import type { ErrorCode } from "../contract/error-codes.ts";
import { contentAgeMilliseconds } from "./content.ts";
import { forgetLimits, spendFailures, spendRefreshes } from "./limits.ts";
import { presentSession, signInAs, signOut } from "./people.ts";
import { clientAddress, rotate } from "./begin-session.ts";
import type { ScenarioName } from "./scenario-names.ts";
import type { MockSession, MockState } from "./state.ts";
import { digests } from "./tokens.ts";
import { addGrant, changeRights, newId, userOf, type World } from "./world.ts";

/**
 * What happens to requests on their way. All of them, or with `once` the first that it can happen
 * to.
 */
export type WireFault =
  | { readonly fault: "unreachable" }
  | { readonly fault: "error"; readonly code: ErrorCode }
  | { readonly fault: "slow"; readonly milliseconds: number }
  | { readonly fault: "cookiesBlocked" }
  /** The answer to a refresh is lost after the refresh has happened. */
  | { readonly fault: "refreshAnswerLost"; readonly once: true }
  /** Another tab has refreshed a moment before. */
  | { readonly fault: "refreshOvertaken"; readonly once: true };

type Aside = keyof NonNullable<MockState["aside"]>;

interface Scenario {
  readonly description: string;
  /** It is about somebody who is signed in: Mike, where nobody is. */
  readonly ofSomebody?: true;
  /** What of the state is put back when the scenario ends, as it was before. */
  readonly putsAside?: readonly Aside[];
  begin?(world: World, session: MockSession, userAgent: string): void;
  end?(world: World): void;
  readonly wire?: WireFault;
}

/** From now on this token makes the first admin, and no other. */
export const putSetupLink = ({ state, now }: World, token: string): void => {
  const createdAt = now();
  state.oneUseTokens = [
    {
      tokenHash: encodeBase64Url(digests.hash(token)),
      purpose: "setup",
      userId: null,
      madeBy: null,
      createdAt,
      expiresAt: createdAt + setupLinkLifeMinutes * 60_000,
    },
  ];
};

/** From now on its access token counts as expired, so that the next request refreshes. */
const expireAccessToken = (session: MockSession): void => {
  if (session.lastToken !== null)
    session.expiredTokens = [...session.expiredTokens, session.lastToken];
};

const manySections = (state: MockState, at: number): void => {
  const first = Math.max(0, ...state.sections.map(({ definition }) => definition.position)) + 1;
  for (let index = 1; index <= 150; index += 1) {
    const title =
      index % 10 === 0
        ? `Section ${index}, with a title as long as somebody writes who has a lot to say about it`
        : `Section ${index}`;
    const definition: SectionDefinition & { readonly position: number } = {
      slug: `section-${index}`,
      title,
      description: "",
      icon: "layout-dashboard",
      position: first + index,
      visibility: "restricted",
      panels: [
        { kind: "markdown", title: "About", width: 12, text: `This is section ${index} of many.` },
      ],
    };
    state.sections.push({
      id: newId(state, "sec"),
      definition,
      panelIds: [newId(state, "pan")],
      formerSlugs: [],
      version: at,
      changedAt: at,
    });
  }
};

/** Of the people of the sample, who has set it up. */
const firstAdmin = "mica";

export const scenarios = {
  normal: { description: "Everything works." },
  "signed-out": { description: "Nobody is signed in.", begin: (world) => signOut(world) },
  "access-token-expired": {
    description: "The access token has expired; the session goes on with a refresh.",
    ofSomebody: true,
    begin: (_, session) => expireAccessToken(session),
  },
  "session-expired": {
    description: "The session has not been used for longer than it may, and is over.",
    ofSomebody: true,
    begin: (world, session) => void (session.idleExpiresAt = world.now() - 1),
  },
  "reuse-detected": {
    description:
      "Somebody has stolen the refresh token and used it before this page: its next refresh ends the session, and the user is told at the next sign-in.",
    ofSomebody: true,
    begin: (world, session) => {
      // Longer ago than what may be a slow tab.
      rotate(world, session, null, world.now() - 60_000);
      session.earlierRotations = [];
      expireAccessToken(session);
    },
  },
  "refresh-response-lost": {
    description:
      "The answer to the next refresh is lost after the server has done it: repeated, it gives the same tokens.",
    ofSomebody: true,
    begin: (_, session) => expireAccessToken(session),
    wire: { fault: "refreshAnswerLost", once: true },
  },
  "refresh-conflict": {
    description:
      "Another tab refreshes a moment before the next refresh, which is answered 409: the new cookies are there a moment later.",
    ofSomebody: true,
    begin: (_, session) => expireAccessToken(session),
    wire: { fault: "refreshOvertaken", once: true },
  },
  "permission-removed": {
    description:
      "The signed-in user's roles and grants have just been taken away; public sections stay.",
    ofSomebody: true,
    putsAside: ["users", "grants"],
    begin: (world, session) => {
      const { state } = world;
      const user = userOf(state, session.userId);
      changeRights(world, () => {
        if (user) user.roles = [];
        state.grants = state.grants.filter(
          ({ to }) => !("username" in to && to.username === user?.username),
        );
      });
    },
  },
  "user-deactivated": {
    description: "The signed-in user has just been deactivated.",
    ofSomebody: true,
    putsAside: ["users"],
    begin: (world, session) => {
      const { state } = world;
      const user = userOf(state, session.userId);
      changeRights(world, () => {
        if (user) user.active = false;
      });
    },
  },
  "cookies-blocked": {
    description:
      "The browser keeps and sends no cookies of the API: a sign-in succeeds, and nobody is signed in.",
    wire: { fault: "cookiesBlocked" },
  },
  "duplicate-cookie": {
    description:
      "The browser sends the refresh cookie twice: the request is refused, and both are cleared.",
    ofSomebody: true,
    begin: ({ state, cookies }) => {
      const cookie = state.jar.find(({ name }) => name === cookies.refreshName);
      if (cookie) state.jar.push({ ...cookie, value: `${cookie.value.slice(0, -1)}_` });
    },
  },
  "rate-limited": {
    description:
      "Too many attempts to sign in, and too many refreshes: both have to wait as long as Retry-After says.",
    begin: (world) => {
      const { state } = world;
      const now = world.now();
      const fail = (account: string | null, device: string | null): void => {
        spendFailures(state, { account, networks: networksOf(clientAddress), device }, now);
      };
      fail(null, null);
      for (const { userId, device } of state.devices)
        fail(usernameKey(userOf(state, userId)?.username ?? ""), device);
      for (const { id } of state.sessions) spendRefreshes(state, id, now);
    },
    end: ({ state }) => forgetLimits(state),
  },
  "server-error": {
    description: "Every request ends in an error of the server (500).",
    wire: { fault: "error", code: "internal" },
  },
  slow: {
    description: "Every answer takes three seconds.",
    wire: { fault: "slow", milliseconds: 3_000 },
  },
  offline: { description: "No request reaches the server.", wire: { fault: "unreachable" } },
  empty: {
    description: "An installation with people, and without a section or a dataset.",
    putsAside: ["sections", "datasets"],
    begin: (world) =>
      changeRights(world, () => void (world.state.sections = world.state.datasets = [])),
  },
  "many-sections": {
    description:
      "A hundred and fifty sections more, some with long titles, and everybody may open them all.",
    putsAside: ["sections", "grants"],
    begin: (world) =>
      changeRights(world, () => {
        const { state } = world;
        manySections(state, world.now() - contentAgeMilliseconds);
        for (const { username } of state.users)
          addGrant(state, { username }, everySection, world.now());
      }),
  },
  "new-installation": {
    description:
      "An installation that has just been set up: its first admin, `mica`, who is signed in, and nothing else.",
    putsAside: ["users", "roles", "grants", "sections", "datasets"],
    begin: (world, _, userAgent) => {
      const { state } = world;
      changeRights(world, () => {
        state.users = state.users.filter(({ username }) => username === firstAdmin);
        state.roles = state.roles.filter(({ builtIn }) => builtIn);
        state.grants = [];
        state.sections = [];
        state.datasets = [];
        for (const { username } of state.users)
          addGrant(state, { username }, everySection, world.now());
      });
      signInAs(world, firstAdmin, userAgent);
    },
  },
  setup: {
    description:
      "A new installation without users: the setup link with the token `sample-setup-link` makes the first admin.",
    putsAside: ["users", "oneUseTokens"],
    begin: (world) => {
      signOut(world);
      changeRights(world, () => void (world.state.users = []));
      putSetupLink(world, setupToken);
    },
  },
} as const satisfies Record<ScenarioName, Scenario>;

/** The token of the setup link in the scenario `setup`. */
export const setupToken = "sample-setup-link";

const scenarioOf = (name: ScenarioName): Scenario => scenarios[name];

/** What happens on the way to the requests of this scenario; null where nothing does, any more. */
export const wireFaultOf = (state: MockState): WireFault | null => {
  const { wire } = scenarioOf(state.scenario);
  return wire === undefined || ("once" in wire && !state.armed) ? null : wire;
};

/** Ends the scenario before, puts back what that has put aside, and begins this one. */
export const beginScenario = (world: World, name: ScenarioName, userAgent: string): void => {
  const { state } = world;
  scenarioOf(state.scenario).end?.(world);
  const { aside } = state;
  if (aside) changeRights(world, () => void Object.assign(state, aside));
  const scenario = scenarioOf(name);
  state.scenario = name;
  state.armed = scenario.wire !== undefined && "once" in scenario.wire;
  state.aside = scenario.putsAside
    ? structuredClone(Object.fromEntries(scenario.putsAside.map((key) => [key, state[key]])))
    : null;
  if (scenario.ofSomebody && presentSession(world) === null) signInAs(world, "mike", userAgent);
  const session = presentSession(world);
  if (session || !scenario.ofSomebody) scenario.begin?.(world, session as MockSession, userAgent);
};
