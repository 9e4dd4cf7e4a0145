/** The core as the server has it, on stores in memory. */
import type { ContractKey, ErrorCode } from "../contract/contract.ts";
import {
  admitAtOnce,
  bodyLimitBytes,
  createAuthorize,
  createDenials,
  createDisplays,
  createIdentify,
  createKeyedRequests,
  createOrigins,
  createRefreshLimits,
  createRefusedSignIns,
  defaults,
  type Stores,
} from "../core/core.ts";
import { createAnswering } from "../core/answer-requests.ts";
import { createEverydayHandlers, type EverydayDependencies } from "../core/everyday-handlers.ts";
import type { GivenAnswer, ReceivedRequest } from "../core/handlers.ts";
import { answerWith, createDetours, gunzip, uploadLimitBytesOf } from "./answer.ts";
import { createEvents } from "./events.ts";
import { completeHandlers } from "./fetch-handlers.ts";
import type { MockState } from "./state.ts";
import { createMemoryStores } from "./stores/stores.ts";
import { tellDeveloper } from "./tell-developer.ts";
import {
  chanceOf,
  createAccessTokens,
  csrfTokensOf,
  digests,
  lotsOf,
  passwords,
  sealing,
  refreshTokensOf,
} from "./tokens.ts";
import { newId, type World } from "./world.ts";

export interface MockServer {
  /**
   * Answers one request; the next one has to wait until it is answered. It changes no state but the
   * one that the world has when it is asked.
   * @param key the endpoint that is asked; null where there is none
   * @param fault the error that the request meets on its way
   */
  answer(
    key: ContractKey | null,
    request: ReceivedRequest,
    fault: ErrorCode | null,
  ): Promise<GivenAnswer>;
  /** Something may have changed: open pages are told at once. */
  noteChange(): void;
  close(): void;
}

const noKeys = { keys: [] };

const reportFault = (error: unknown): void => tellDeveloper("something is wrong with it.", error);

/** @param options.arrange puts other stores in the place of those in memory */
export const createMockServer = (
  world: World,
  options: {
    readonly origins: readonly string[];
    readonly uploadLimitMebibytes: number | undefined;
    readonly every: (milliseconds: number, run: () => void) => () => void;
    readonly arrange: (stores: Stores) => Stores;
  },
): MockServer => {
  const { publicUrl, cookies, now } = world;
  /**
   * The state that the request under way began with, so that it changes no other that is put in its
   * place meanwhile.
   */
  let acting: MockState | null = null;
  const state = (): MockState => acting ?? world.state;
  let changes = 0;
  const storesOf = (of: () => MockState) =>
    createMemoryStores({ state: of, now, newId: (prefix) => newId(of(), prefix) }, () => changes);
  const stores = options.arrange(storesOf(state));
  const events = createEvents(
    storesOf(() => world.state),
    { now, every: options.every },
  );
  const origins = createOrigins(options.origins, publicUrl);
  const chance = chanceOf(state);
  const csrfTokens = csrfTokensOf(state);
  const tokens = createAccessTokens({
    publicUrl,
    get state() {
      return state();
    },
  });
  /**
   * What counts beside the state begins anew with another one: the same requests then give the same
   * again.
   */
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
  const displays = createDisplays({ stores, digests, now });
  const dependencies: EverydayDependencies = {
    stores,
    displays,
    lots: lotsOf(state),
    sealing,
    sendsMail: () => state().sendsMail,
    chance,
    digests,
    tokens,
    refreshTokens: refreshTokensOf(state),
    csrfTokens,
    passwords,
    cookies,
    origins,
    signInQueue: { enter: (attempt) => admitAtOnce(attempt, stores.signInCounts, now()) },
    refusedSignIns: {
      record: (refused) => refusedSignIns().record(refused),
      store: (event) => refusedSignIns().store(event),
    },
    refreshLimits: createRefreshLimits(stores.limits, defaults.refreshPerMinute),
    now,
    idleMilliseconds: defaults.sessionIdleSeconds * 1000,
    absoluteMilliseconds: defaults.sessionAbsoluteSeconds * 1000,
    liveChanges: events.liveChanges,
    // Nothing is signed, so there is no key.
    keys: { jwks: () => noKeys, lifeSeconds: 300 },
    publicUrl,
    webUrl: options.origins[0] ?? publicUrl,
    version: "0.1.0",
    isShuttingDown: () => false,
    // Its lists are short, and nobody else waits.
    turn: () => Promise.resolve(),
    reportPanelFailure: () => {},
    reportFault,
  };
  const handlers = completeHandlers(createEverydayHandlers(dependencies), dependencies);
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
    keyedRequests: createKeyedRequests({ store: stores.idempotencyKeys, digests, sealing, now }),
    identify: createIdentify({ stores, tokens, cookies, displays, now }),
    authorize: createAuthorize(stores),
    now,
    elapsed: () => 0,
    recordDenial: (denial) => denials()(denial),
    noteUnlistedOrigin: () => {},
    logRequest: () => {},
    expectedOf: () => null,
    reportFault,
    detours,
  });

  return {
    answer: async (key, request, fault) => {
      acting = world.state;
      detours.give(fault);
      return answerWith(answering, key, request).finally(() => {
        detours.give(null);
        acting = null;
      });
    },
    noteChange: () => {
      changes += 1;
      events.look();
    },
    close: events.liveChanges.close,
  };
};
