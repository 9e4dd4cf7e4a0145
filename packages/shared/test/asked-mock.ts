/** A mock as tests ask it, at a time that stands still. */
import {
  createMockApi,
  type MockApi,
  type MockOptions,
  type MockTimers,
} from "../src/mock/mock.ts";

export const baseUrl = "https://api.example.com";
export const start = Date.parse("2026-11-22T09:00:00Z");

/** Timers that run when they are told to. */
export const createTimers = () => {
  const waiting = new Map<
    number,
    { readonly due: number; readonly again: number | null; run(): void }
  >();
  let now = 0;
  let made = 0;
  const add = (milliseconds: number, run: () => void, again: number | null): (() => void) => {
    const id = (made += 1);
    waiting.set(id, { due: now + milliseconds, again, run });
    return () => void waiting.delete(id);
  };
  const timers: MockTimers = {
    after: (milliseconds, run) => add(milliseconds, run, null),
    every: (milliseconds, run) => add(milliseconds, run, milliseconds),
  };
  return {
    timers,
    pass: (milliseconds: number): void => {
      const end = now + milliseconds;
      for (;;) {
        const [id, next] =
          [...waiting]
            .filter(([, { due }]) => due <= end)
            .sort(([, one], [, other]) => one.due - other.due)[0] ?? [];
        if (id === undefined || !next) break;
        now = next.due;
        if (next.again === null) waiting.delete(id);
        else waiting.set(id, { ...next, due: now + next.again });
        next.run();
      }
      now = end;
    },
    count: () => waiting.size,
  };
};

export const create = (options: Partial<MockOptions> = {}): MockApi =>
  createMockApi({ baseUrl, clock: () => start, ...options });

export const post = (body?: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
  ...(body !== undefined && { body: JSON.stringify(body) }),
});

export const answerOf = async (response: Response) => {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === "" ? undefined : JSON.parse(text)) as Record<string, unknown> & {
      code?: string;
      reason?: string;
    },
  };
};

export const ask = async (mock: MockApi, path: string, init?: RequestInit) =>
  answerOf(await mock.fetch(path, init));

export const signIn = (mock: MockApi, username = "mike", more: object = {}) =>
  ask(mock, "/login", post({ username, password: `sample-${username}-passphrase`, ...more }));

export const refresh = (mock: MockApi, key = "key-1") =>
  ask(mock, "/refresh", post(undefined, { "idempotency-key": key }));
