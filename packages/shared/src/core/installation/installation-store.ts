import type { Awaitable } from "../awaitable.ts";

/** What is true of the place where everything is kept. */
export interface InstallationStore {
  /** Can it be read and written? Changes nothing that anybody reads. @throws AppError `busy` */
  check(): Awaitable<void>;
}
