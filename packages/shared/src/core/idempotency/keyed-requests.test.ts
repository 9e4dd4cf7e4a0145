import { describe, expect, it } from "vitest";
import { createIdempotencyKeyStore } from "../../mock/stores/idempotency-keys.ts";
import type { MockState } from "../../mock/state.ts";
import { createKeyedRequests, type KeyedRequest } from "./keyed-requests.ts";

const minute = 60_000;
const request = Uint8Array.of(1);
const answer = { status: 201, headers: {}, body: "{}" };

const openSealed = (text: string): string | null =>
  text.startsWith("sealed ") ? text.slice("sealed ".length) : null;

const createWorld = () => {
  const state = { keyUses: [], audit: [] } as unknown as MockState;
  let time = Date.UTC(2026, 0, 1);
  const now = (): number => time;
  const store = createIdempotencyKeyStore({ state: () => state, now, newId: () => "" });
  const digests = { hash: (text: string) => new TextEncoder().encode(text) };
  const sealing = { seal: (text: string) => `sealed ${text}`, open: openSealed };
  const startProcess = () => createKeyedRequests({ store, digests, sealing, now });
  let requests = 0;
  return {
    startProcess,
    kept: () => state.keyUses.map((use) => use.answer?.body),
    forget: (): void => {
      for (const use of state.keyUses)
        if (use.answer) use.answer = { ...use.answer, body: "of another secret" };
    },
    open: (process: ReturnType<typeof startProcess>): KeyedRequest =>
      process.open({ callerId: "usr_a", place: "here", key: "k", requestId: `req_${++requests}` }),
    pass: (milliseconds: number): void => void (time += milliseconds),
  };
};

const inUse = { code: "idempotency_key_in_use" };

describe("a request under a key", () => {
  it("holds it while it runs in this process, also where nothing could note that for long", async () => {
    const { startProcess, open, pass } = createWorld();
    const process = startProcess();
    const first = open(process);
    expect(await first.claim(request)).toBeNull();
    pass(minute);
    await expect(open(process).claim(request)).rejects.toMatchObject(inUse);
    await expect(open(process).mayBeRepeated()).rejects.toMatchObject(inUse);
    await first.keep(answer);
    expect(await open(process).claim(request)).toEqual(answer);
  });

  it("keeps the answer sealed, and says so where it cannot be opened any more", async () => {
    const { startProcess, open, kept, forget } = createWorld();
    const process = startProcess();
    const first = open(process);
    await first.claim(request);
    await first.keep(answer);
    expect(kept()).toEqual(["sealed {}"]);
    expect(await open(process).recall(request)).toEqual(answer);
    forget();
    await expect(open(process).claim(request)).rejects.toMatchObject({
      code: "idempotency_answer_lost",
    });
  });

  it("lets it go half a minute after its process has died", async () => {
    const { startProcess, open, pass } = createWorld();
    await open(startProcess()).claim(request);
    const next = startProcess();
    await expect(open(next).claim(request)).rejects.toMatchObject(inUse);
    pass(minute / 2);
    expect(await open(next).claim(request)).toBeNull();
  });

  it("lets it go at once where the clock has been set back since its process died", async () => {
    const { startProcess, open, pass } = createWorld();
    await open(startProcess()).claim(request);
    pass(-6 * 60 * minute);
    expect(await open(startProcess()).claim(request)).toBeNull();
  });
});
