import { createClient, type Client, type ClientState } from "@sallyport/shared/client";
import { validateResponse } from "@sallyport/shared/validation";
import type { QueryClient } from "@tanstack/react-query";
import type { Config } from "../config.ts";
import { applyPreferences } from "./apply-preferences.ts";
import { fetchAfter, type EarlyRequest } from "./early-requests.ts";
import { createFreshSignIn, type FreshSignIn } from "./ask-for-password.ts";
import { createUpdates, type Updates } from "./updates.ts";
import { fetchOrSend } from "./uploads.ts";
import { whenFree } from "./when-free.ts";

/**
 * What one page load holds: the client that keeps the session, and the cache of what came through
 * it. Loaders get it from the route table, components from `useAppSession`.
 */
export interface AppSession {
  readonly config: Config;
  readonly queryClient: QueryClient;
  readonly updates: Updates;
  client(): Client;
  /** Resolves once it is known who is signed in. */
  started(): Promise<ClientState>;
  /** Asks for the password where a request wants a fresh sign-in. */
  readonly freshSignIn: FreshSignIn;
  /** Where the tokens of the present client live. */
  delivery(): "cookie" | "bearer";
  /** Calls back when another client has taken over. */
  subscribe(listener: () => void): () => void;
  /**
   * Keeps tokens in this page's memory from now on: a reload signs out. Only where the operator
   * allows it.
   */
  continueInMemory(): void;
}

const fetchNow = (url: string, init: RequestInit): Promise<Response> => fetch(url, init);

/** @param early what the boot script has asked for this page */
export const createAppSession = (
  config: Config,
  queryClient: QueryClient,
  early: EarlyRequest[] = [],
): AppSession => {
  const listeners = new Set<() => void>();
  const freshSignIn = createFreshSignIn();
  let delivery: "cookie" | "bearer" = "cookie";
  // In development every answer is held to the contract; a build for production leaves the schemas
  // out.
  const open = (): Client => {
    const opened = createClient({
      baseUrl: config.apiUrl,
      delivery,
      onFreshSignInRequired: freshSignIn.ask,
      environment: {
        whenFree,
        fetch: fetchOrSend(delivery === "cookie" ? fetchAfter(early) : fetchNow),
      },
      ...(import.meta.env.DEV && { validateResponse }),
    });
    // Before anything of the page draws itself, which is told after this.
    opened.subscribe(() => applyPreferences(opened.state()));
    return opened;
  };
  let client = open();
  let started = client.start();
  // Loaders that wait for it report the failure; no loader may be waiting yet.
  started.catch(() => undefined);
  return {
    config,
    queryClient,
    updates: createUpdates(() => client),
    freshSignIn,
    client: () => client,
    started: () => started,
    delivery: () => delivery,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    continueInMemory: () => {
      if (!config.bearerFallback || delivery === "bearer") return;
      client.dispose();
      queryClient.clear();
      delivery = "bearer";
      client = open();
      started = client.start();
      started.catch(() => undefined);
      for (const listener of listeners) listener();
    },
  };
};
