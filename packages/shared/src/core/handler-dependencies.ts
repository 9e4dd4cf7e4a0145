import type { Displays } from "./access/displays.ts";
import type { DatasetRegister } from "./datasets/dataset-register.ts";
import type { PublishedKeys } from "./discovery/discovery-handlers.ts";
import type { LiveChanges } from "./changes/live-changes.ts";
import type { ForgottenPasswords } from "./people/forgotten-passwords.ts";
import type { Lots, Sealing } from "./ports.ts";
import type { PanelFailure } from "./sections/section-handlers.ts";
import type { SessionDependencies } from "./sessions/session-dependencies.ts";
import type { Stores } from "./stores.ts";

/** What the handlers ask of whoever runs them. */
export interface HandlerDependencies extends SessionDependencies {
  readonly stores: Stores;
  readonly datasets: DatasetRegister;
  readonly displays: Displays;
  readonly lots: Lots;
  readonly sealing: Sealing;
  readonly forgottenPasswords: Pick<ForgottenPasswords, "ask">;
  readonly liveChanges: LiveChanges;
  readonly keys: PublishedKeys;
  readonly publicUrl: string;
  /** Of the SPA that links lead to. */
  readonly webUrl: string;
  readonly version: string;
  readonly isShuttingDown: () => boolean;
  /** Resolves in another turn of the event loop. */
  readonly turn: () => Promise<void>;
  readonly reportPanelFailure: (failure: PanelFailure) => void;
  /** Something is wrong with us, not with the request. */
  readonly reportFault: (error: unknown, requestId: string) => void;
}
