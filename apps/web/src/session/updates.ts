/**
 * Whether pages may ask for newer data by themselves, be it because time has passed or because the
 * server has told of a change. Not while the person has paused it. And idle means idle: what asks
 * again and again must not keep a session alive that nobody uses, so pages ask only while the last
 * sign of a person is younger than half of its idle life.
 */
import type { Client } from "@sallyport/shared/client";
import { idleSecondsAtReceipt } from "./idle.ts";

export interface Updates {
  mayAsk(): boolean;
  isPaused(): boolean;
  /**
   * Since when no page asks, because nobody is there; null while somebody is. In milliseconds since
   * 1970.
   */
  stoppedAt(): number | null;
  pause(paused: boolean): void;
  /**
   * Calls back when they are paused or resumed, when they stop because nobody is there, and when
   * somebody is back.
   */
  subscribe(listener: () => void): () => void;
}

/** Who signs in meanwhile has another session, with another life. */
const longestWatchMs = 60_000;

const inputTypes = ["pointerdown", "keydown", "wheel", "touchstart"];

/** What the client counts as a sign of a person. Returns how to stop. */
export const onWindowInput = (note: () => void): (() => void) => {
  const options = { capture: true, passive: true };
  for (const type of inputTypes) window.addEventListener(type, note, options);
  return () => {
    for (const type of inputTypes) window.removeEventListener(type, note, options);
  };
};

export const createUpdates = (
  client: () => Pick<Client, "state">,
  {
    now = Date.now,
    onInput = onWindowInput,
    setTimer = (work: () => void, milliseconds: number): unknown => setTimeout(work, milliseconds),
  }: {
    readonly now?: () => number;
    readonly onInput?: (note: () => void) => unknown;
    readonly setTimer?: (work: () => void, milliseconds: number) => unknown;
  } = {},
): Updates => {
  const listeners = new Set<() => void>();
  let paused = false;
  // Opening the page is a sign as well.
  let lastInputAt = now();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  /**
   * When nobody will have been there for too long, unless somebody shows up; never for a visitor,
   * who has no session to keep alive.
   */
  const deadline = (): number => {
    const state = client().state();
    return state.status === "signedIn"
      ? lastInputAt + (idleSecondsAtReceipt(state.session) * 1000) / 2
      : Infinity;
  };
  const isSomebodyThere = (): boolean => now() < deadline();

  let hasStopped = false;
  // One look at a time, whatever is touched meanwhile: at the moment after which nobody might be
  // there.
  const watch = (): void => {
    const left = deadline() - now();
    hasStopped = left <= 0;
    if (hasStopped) tell();
    else setTimer(watch, Math.min(Math.max(left, 1_000), longestWatchMs));
  };
  watch();
  onInput(() => {
    const wasThere = isSomebodyThere();
    lastInputAt = now();
    if (wasThere) return;
    tell();
    if (hasStopped) watch();
  });

  return {
    mayAsk: () => !paused && isSomebodyThere(),
    isPaused: () => paused,
    stoppedAt: () => (isSomebodyThere() ? null : deadline()),
    pause: (next) => {
      paused = next;
      tell();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
