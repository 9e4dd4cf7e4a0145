/** One request on its way, with what proves whose it is. */
import type { ContractKey } from "../contract/contract.ts";
import { isUnsafe, methodOf } from "../contract/endpoint.ts";
import { unlessAborted } from "./abort.ts";
import type { ClientEnvironment } from "./environment.ts";
import { ContractError, NetworkError } from "./errors.ts";
import { readAnswer, type Answer, type ApiRequest } from "./request.ts";
import type { SessionState } from "./session-state.ts";

/** The endpoints that begin a session, with credentials of their own. */
export const signsIn: readonly ContractKey[] = ["POST /login", "POST /setup"];

/** Those that rotate the session, as a refresh does, for whoever shows the password. */
export const proves: readonly ContractKey[] = ["POST /step-up", "PUT /account/password"];

/** @param bearer tokens are held in memory and sent as a header, not as cookies */
export const createTransport = (
  environment: ClientEnvironment,
  state: SessionState,
  baseUrl: string,
  bearer: boolean,
) => {
  const fetchApi = (path: string, init: Omit<RequestInit, "credentials">): Promise<Response> =>
    environment.fetch(baseUrl + path, { ...init, credentials: bearer ? "omit" : "include" });

  /** What proves whose the request is, beside the cookies. */
  const credentialsFor = (key: ContractKey): Record<string, string> => {
    if (signsIn.includes(key)) return {};
    const access = state.tokens()?.access;
    const csrfToken = state.session()?.csrfToken;
    // The refresh token alone speaks for a refresh: a dead access token beside it would be judged
    // first.
    if (access !== undefined)
      return key === "POST /refresh" ? {} : { authorization: `Bearer ${access}` };
    return !bearer && isUnsafe(methodOf(key)) && csrfToken !== undefined
      ? { "x-csrf-token": csrfToken }
      : {};
  };

  /**
   * Sends once and reads the answer. An abort by `signal` and a time-out both reject with a
   * NetworkError.
   * @param credentials those of the session, where nothing else is given
   */
  const transmit = async (
    request: ApiRequest,
    signal: AbortSignal | undefined,
    credentials = credentialsFor(request.key),
    timeoutMs?: number,
  ): Promise<Answer> => {
    const late = new AbortController();
    const timer = timeoutMs && environment.setTimer(() => late.abort(), timeoutMs);
    const ended = AbortSignal.any(signal ? [signal, late.signal] : [late.signal]);
    try {
      const answer = await unlessAborted(
        fetchApi(request.path, {
          method: request.method,
          headers: { ...request.headers, ...credentials },
          ...(request.body !== undefined && { body: request.body }),
          signal: ended,
        }).then((response) => readAnswer(request.key, response)),
        ended,
      );
      state.noteAnswer();
      return answer;
    } catch (error) {
      if (signal?.aborted)
        throw new NetworkError(`${request.key} was aborted.`, signal.reason, true);
      if (error instanceof NetworkError || error instanceof ContractError) throw error;
      throw new NetworkError(`${request.key} got no answer.`, error);
    } finally {
      environment.clearTimer(timer);
    }
  };

  return { fetchApi, credentialsFor, transmit };
};
