import { describe, expect, it } from "vitest";
import { createScheduledWorkStore } from "../../mock/stores/scheduled-work.ts";
import { createScheduledWork, ownJobs, sharedJobs, type JobRuns } from "./scheduled-work.ts";

const minute = 60_000;
const shared = Object.keys(sharedJobs);

/** Two processes on one store, each with the jobs that it has done. */
const createProcesses = () => {
  const store = createScheduledWorkStore();
  let now = Date.parse("2026-11-22T09:00:00Z");
  const faults: string[] = [];
  const open = (holder: string, run: (job: string) => void | Promise<void> = () => {}) => {
    const done: string[] = [];
    const timers: { readonly milliseconds: number; readonly run: () => void }[] = [];
    const runs = Object.fromEntries(
      [...shared, ...Object.keys(ownJobs)].map((job) => [
        job,
        async () => {
          await run(job);
          done.push(job);
        },
      ]),
    ) as unknown as JobRuns;
    const clock = {
      now: () => now,
      every: (milliseconds: number, then: () => void) => {
        const timer = { milliseconds, run: then };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
    };
    const reportFault = (_: unknown, job: string): void => void faults.push(job);
    return { done, timers, ...createScheduledWork({ store, runs, clock, holder, reportFault }) };
  };
  return { open, faults, pass: (milliseconds: number) => void (now += milliseconds) };
};

/** Those that are due once an hour, in the order in which they are done. */
const hourly = (jobs: readonly string[]): string[] =>
  jobs.filter((job) => sharedJobs[job as keyof typeof sharedJobs] === 60 * minute);
const hours = hourly(shared);

describe("scheduled work", () => {
  it("is done by one of the processes that find it due, once in its time", async () => {
    const { open, pass } = createProcesses();
    const [one, other] = [open("one"), open("other")];
    await Promise.all([one.runDue(), other.runDue()]);
    expect(hourly([...one.done, ...other.done]).toSorted()).toEqual(hours.toSorted());
    pass(59 * minute);
    await one.runDue();
    await other.runDue();
    expect(hourly([...one.done, ...other.done])).toHaveLength(hours.length);
    pass(minute);
    await other.runDue();
    await one.runDue();
    expect(hourly([...one.done, ...other.done])).toHaveLength(2 * hours.length);
  });

  it("is taken over from a process that has died at it, once its time is over", async () => {
    const { open, pass } = createProcesses();
    const dying = open("dying", () => new Promise(() => {}));
    void dying.runDue();
    await new Promise((resolve) => setImmediate(resolve));
    const other = open("other");
    await other.runDue();
    expect(hourly(other.done)).toEqual(hours.slice(1));
    pass(10 * minute);
    await other.runDue();
    expect(hourly(other.done)).toEqual([...hours.slice(1), hours[0]]);
  });

  it("is tried again where it has failed, and keeps no other job from being done", async () => {
    const { open, faults, pass } = createProcesses();
    let fails = true;
    const one = open("one", (job) => {
      if (fails && job === hours[0]) throw new Error("It cannot be done");
    });
    await one.runDue();
    expect([hourly(one.done), faults]).toEqual([hours.slice(1), [hours[0]]]);
    fails = false;
    pass(minute);
    await one.runDue();
    expect(hourly(one.done)).toEqual([...hours.slice(1), hours[0]]);
  });

  it("is done when it is due once it was started, and no more once it was stopped", async () => {
    const { open } = createProcesses();
    const one = open("one");
    const stop = one.start();
    expect(one.timers.map(({ milliseconds }) => milliseconds)).toEqual([
      ...Object.values(ownJobs),
      minute,
    ]);
    for (const { run } of one.timers) run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(one.done.toSorted()).toEqual([...Object.keys(ownJobs), ...shared].toSorted());
    stop();
    expect(one.timers).toEqual([]);
  });
});
