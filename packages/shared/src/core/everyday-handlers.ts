/**
 * What every page asks for: who is signed in, which sections there are, what is in them, what has
 * changed, and what an installation tells about itself. A mock in a page has these from the start.
 */
import type { Handlers } from "./answering/endpoint.ts";
import { createEventHandlers } from "./changes/event-handlers.ts";
import { createDiscoveryHandlers } from "./discovery/discovery-handlers.ts";
import type { HandlerDependencies } from "./handler-dependencies.ts";
import { createSectionHandlers } from "./sections/section-handlers.ts";
import { createSessionHandlers } from "./sessions/session-handlers.ts";

/** What they ask of whoever runs them: they change no dataset, and send nothing. */
export type EverydayDependencies = Omit<HandlerDependencies, "datasets" | "forgottenPasswords">;

export const createEverydayHandlers = (dependencies: EverydayDependencies) =>
  ({
    ...createSessionHandlers(dependencies),
    ...createEventHandlers(dependencies),
    ...createSectionHandlers(dependencies),
    ...createDiscoveryHandlers(dependencies),
  }) satisfies Partial<Handlers>;

export type EverydayHandlers = ReturnType<typeof createEverydayHandlers>;
