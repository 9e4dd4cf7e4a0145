/**
 * Whether pages may ask for newer data by themselves, be it because time has passed or because the server has told of a
 * change. Not while the person has paused it. And idle means idle: what asks again and again must not keep a session
 * alive that nobody uses, so pages ask only while the last sign of a person is younger than half of its idle life.
 */
import type { Client } from "@sallyport/shared/client";
import { idleSecondsAtReceipt } from "./idle.ts";

export interface Updates {
  mayAsk(): boolean;
  isPaused(): boolean;
  pause(paused: boolean): void;
  /** Calls back when they are paused or resumed, and when somebody is back after a time without a sign of anyone. */
  subscribe(listener: () => void): () => void;
}

const inputTypes = ["pointerdown", "keydown", "wheel", "touchstart"];

/** What the client counts as a sign of a person. */
const onWindowInput = (note: () => void): void => {
  for (const type of inputTypes)
    window.addEventListener(type, note, { capture: true, passive: true });
};

export const createUpdates = (
  client: () => Pick<Client, "state">,
  { now = Date.now, onInput = onWindowInput } = {},
): Updates => {
  const listeners = new Set<() => void>();
  let paused = false;
  // Opening the page is a sign as well.
  let lastInputAt = now();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const isSomebodyThere = (): boolean => {
    const state = client().state();
    // A visitor has no session to keep alive.
    return (
      state.status !== "signedIn" ||
      now() - lastInputAt < (idleSecondsAtReceipt(state.session) * 1000) / 2
    );
  };
  onInput(() => {
    const wasThere = isSomebodyThere();
    lastInputAt = now();
    if (!wasThere) tell();
  });

  return {
    mayAsk: () => !paused && isSomebodyThere(),
    isPaused: () => paused,
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
