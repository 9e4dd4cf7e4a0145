/**
 * Everything that is done by the clock and asked for by nobody: what there is to do, how often, and
 * by whom.
 */
import { AppError } from "../answering/errors.ts";
import type { JobState, ScheduledWorkStore } from "./scheduled-work-store.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * One process does these for all. Each may be cut off anywhere and begun anew, and done twice does
 * no harm.
 */
export const sharedJobs = {
  purgeSessions: hour,
  purgeAuditEvents: hour,
  purgeIdempotencyKeys: hour,
  purgeGrants: minute,
  purgeAccessRequests: hour,
  purgeDisplayLinks: hour,
  purgeMails: hour,
  rotateSigningKeys: hour,
} as const satisfies Record<string, number>;

/** Each process does these for itself, with what is in its memory and among its files. */
export const ownJobs = {
  loadSigningKeys: hour,
  sweepImports: hour,
  removeSpentSetupLink: hour,
  storeRefusedSignIns: minute,
  holdIdempotencyKeys: 10 * second,
  sendMails: 5 * second,
} as const satisfies Record<string, number>;

type SharedJob = keyof typeof sharedJobs;
type OwnJob = keyof typeof ownJobs;
/** How each job is done. One that is forgotten does not compile. */
export type JobRuns = Readonly<Record<SharedJob | OwnJob, () => void | Promise<void>>>;

/** Longer than any of them takes. Whoever is slower finds that another has begun as well. */
const holdMilliseconds = 10 * minute;

export interface ScheduledWork {
  /** Does what is due of the shared jobs, where nobody else is at it. */
  runDue(): Promise<void>;
  /** Does one of this process's own jobs, whatever time it is. */
  runOwn(job: OwnJob): Promise<void>;
  /** From now on everything is done when it is due. Returns how to stop. */
  start(): () => void;
}

/** One that was done in the future was done before the clock was set back. */
const isDue = ({ doneAt }: JobState, everyMilliseconds: number, now: number): boolean =>
  doneAt === null || doneAt > now || doneAt + everyMilliseconds <= now;
const isFree = ({ heldUntil }: JobState, now: number): boolean =>
  heldUntil === null || heldUntil <= now || heldUntil > now + holdMilliseconds;

export const createScheduledWork = ({
  store,
  runs,
  clock,
  holder,
  reportFault,
}: {
  readonly store: ScheduledWorkStore;
  readonly runs: JobRuns;
  readonly clock: { now(): number; every(milliseconds: number, run: () => void): () => void };
  /** What nobody else is called. */
  readonly holder: string;
  readonly reportFault: (error: unknown, job: string) => void;
}): ScheduledWork => {
  /** @returns whether it was done */
  const attempt = async (job: SharedJob | OwnJob): Promise<boolean> => {
    try {
      await runs[job]();
      return true;
    } catch (error) {
      reportFault(error, job);
      return false;
    }
  };

  const runShared = async (job: SharedJob, found: JobState | null): Promise<void> => {
    const claim = { job, holder, heldUntil: clock.now() + holdMilliseconds };
    if ((await store.claim(claim, found)) === "changed") return;
    const isDone = await attempt(job);
    await store.finish(job, holder, isDone ? clock.now() : null);
  };

  const look = async (): Promise<void> => {
    const states = new Map((await store.list()).map((state) => [state.job, state]));
    for (const [name, everyMilliseconds] of Object.entries(sharedJobs)) {
      const job = name as SharedJob;
      const found = states.get(job) ?? null;
      const now = clock.now();
      if (found && !(isDue(found, everyMilliseconds, now) && isFree(found, now))) continue;
      await runShared(job, found);
    }
  };

  let looking: Promise<void> | null = null;
  const runDue = (): Promise<void> =>
    (looking ??= look()
      .catch((error: unknown) => {
        // It is tried again in a minute.
        if (!(error instanceof AppError)) reportFault(error, "scheduled work");
      })
      .finally(() => {
        looking = null;
      }));
  const runOwn = async (job: OwnJob): Promise<void> => void (await attempt(job));

  return {
    runDue,
    runOwn,
    start: () => {
      const stops = Object.entries(ownJobs).map(([job, everyMilliseconds]) =>
        clock.every(everyMilliseconds, () => void runOwn(job as OwnJob)),
      );
      stops.push(clock.every(minute, () => void runDue()));
      return () => stops.forEach((stop) => stop());
    },
  };
};
