/**
 * Who wants to hear of changes. A listener that throws is reported like any error that nobody
 * catches, and keeps neither the session nor the others from going on.
 */
import type { ClientEvents } from "./client-events.ts";

const notify = <D>(listener: (detail: D) => void, detail: D): void => {
  try {
    listener(detail);
  } catch (error) {
    void Promise.reject(error);
  }
};

export const createListeners = () => {
  const listeners = new Set<() => void>();
  const eventListeners = new Set<{
    event: keyof ClientEvents;
    listener: (detail: never) => void;
  }>();
  return {
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    on: <E extends keyof ClientEvents>(
      event: E,
      listener: (detail: ClientEvents[E]) => void,
    ): (() => void) => {
      const entry = { event, listener: listener as (detail: never) => void };
      eventListeners.add(entry);
      return () => eventListeners.delete(entry);
    },
    /** Tells those who subscribed that something has changed. */
    tell: (): void => {
      for (const listener of [...listeners]) notify(listener, undefined);
    },
    emit: <E extends keyof ClientEvents>(event: E, detail: ClientEvents[E]): void => {
      for (const one of [...eventListeners])
        if (one.event === event) notify(one.listener, detail as never);
    },
    clear: (): void => {
      listeners.clear();
      eventListeners.clear();
    },
  };
};
