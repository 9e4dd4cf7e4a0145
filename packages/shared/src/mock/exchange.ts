/**
 * The browser's part of a request, which a mocked answer cannot reach, and what happens to it on
 * the way.
 */
import type { ContractKey, ErrorCode } from "../contract/contract.ts";
import type { GivenAnswer } from "../core/handlers.ts";
import { findEndpoint, receivedFrom } from "./answer.ts";
import { cookiesOf, rotate } from "./begin-session.ts";
import { chanceOf, digest } from "./digest.ts";
import { cookieHeaderOf, sessionInJar, storeCookies } from "./jar.ts";
import { isInBrowser, pageOrigin } from "./page.ts";
import { presentSession } from "./people.ts";
import { wireFaultOf } from "./scenarios.ts";
import type { MockServer } from "./serve.ts";
import type { MockState } from "./state.ts";
import type { World } from "./world.ts";

/** Nothing arrives. */
export class Unreachable extends Error {}

const draw = (state: MockState): number => chanceOf(state.seed, "chance", (state.drawn += 1));

/** How long the next request is on its way, in milliseconds. */
export const drawDelay = (state: MockState): number => {
  const [least, most] = state.latency;
  const wire = wireFaultOf(state);
  return (
    (most > 0 ? least + draw(state) * (most - least) : 0) +
    (wire?.fault === "slow" ? wire.milliseconds : 0)
  );
};

/** By chance, as often as the error rate says. @throws Unreachable */
const meetChance = (state: MockState, key: ContractKey | null): ErrorCode | null => {
  if (state.errorRate === 0 || draw(state) >= state.errorRate) return null;
  const kind = draw(state);
  if (kind < 1 / 3) throw new Unreachable();
  return kind < 2 / 3 || key === null ? "internal" : "busy";
};

/** Does the browser send the API's cookies with a request to this address? */
const sendsCookies = ({ credentials }: Request, url: URL): boolean =>
  credentials === "include" ||
  (credentials === "same-origin" && (!isInBrowser() || pageOrigin() === url.origin));

/**
 * Another tab refreshes at this moment.
 * @returns what this browser will hold when the other tab's answer has arrived; null where it has
 * nothing to refresh
 */
const refreshElsewhere = (world: World): readonly string[] | null => {
  const session = sessionInJar(world);
  if (!session) return null;
  // Of one that is over, no tab gets anything any more.
  if (presentSession(world) !== session) return [];
  rotate(world, session, digest("another-tab"), world.now());
  return cookiesOf(world, session);
};

/**
 * One request and its answer, as far as both reach the other side.
 * @param ownOrigin of requests that name none
 * @throws Unreachable
 */
export const exchange = async (
  world: World,
  server: Pick<MockServer, "answer">,
  ownOrigin: string | undefined,
  request: Request,
  body: Uint8Array<ArrayBuffer> | null,
): Promise<GivenAnswer> => {
  const url = new URL(request.url);
  const basePath = new URL(world.publicUrl).pathname.replace(/\/$/, "");
  const sent: { cookies?: string | undefined } = {};
  const header = (name: string): string | undefined =>
    name === "cookie"
      ? sent.cookies
      : (request.headers.get(name) ?? (name === "origin" ? ownOrigin : undefined));
  const rawPath = url.pathname.slice(basePath.length) || "/";
  const received = receivedFrom(request.method, rawPath, url.search, header, body);
  const key = findEndpoint(request.method, received.path);
  const isRefresh = key === "POST /refresh";
  const began = world.state;
  const wire = wireFaultOf(began);
  if (wire?.fault === "unreachable") throw new Unreachable();
  let fault = meetChance(began, key);
  if (wire?.fault === "error") fault = wire.code;

  const keepsCookies = sendsCookies(request, url) && wire?.fault !== "cookiesBlocked";
  let successor: readonly string[] = [];
  if (wire?.fault === "refreshOvertaken" && isRefresh) {
    began.armed = false;
    const elsewhere = keepsCookies ? refreshElsewhere(world) : null;
    if (elsewhere) successor = elsewhere;
    else fault ??= "refresh_conflict";
  }

  sent.cookies =
    request.headers.get("cookie") ??
    (keepsCookies ? cookieHeaderOf(began, world.now()) : undefined);
  const jar = JSON.stringify(began.jar);
  const answered = await server.answer(key, received, fault);
  if (wire?.fault === "refreshAnswerLost" && isRefresh && answered.status === 200) {
    began.armed = false;
    throw new Unreachable();
  }
  // Where a control has changed hands meanwhile, the browser is somebody else's, or nobody's.
  if (keepsCookies && JSON.stringify(began.jar) === jar)
    storeCookies(began, [...successor, ...answered.cookies], world.now());
  return answered;
};
