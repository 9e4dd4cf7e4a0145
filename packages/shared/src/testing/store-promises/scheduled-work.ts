/** What a store of scheduled work has to do. */
import type { JobState } from "../../core/core.ts";
import { holds, same } from "../differences.ts";
import { promisesOn, type StoreSubject } from "./promise.ts";

type Subject = StoreSubject<"scheduledWork">;
const { promise } = promisesOn<"scheduledWork">();

const job = "a job of nobody's";
const read = async ({ stores }: Subject): Promise<JobState | null> =>
  (await stores.scheduledWork.list()).find((state) => state.job === job) ?? null;

export const ofScheduledWork = [
  promise(
    "of processes that want to do a job at once one gets it, and another once it is done or given up",
    async (subject) => {
      const { scheduledWork } = subject.stores;
      const { now } = subject;
      same(await read(subject), null, "before anybody wanted to");
      const claimAll = async (heldUntil: number, found: JobState | null): Promise<string[]> => {
        const got: string[] = [];
        await Promise.all(
          Array.from({ length: 8 }, async (_, index) => {
            const holder = `${heldUntil} ${index}`;
            if ((await scheduledWork.claim({ job, holder, heldUntil }, found)) === "applied")
              got.push(holder);
          }),
        );
        return got;
      };
      const [first = "", ...rest] = await claimAll(now + 1, null);
      same(rest.length, 0, "how many more got it");
      const held = await read(subject);
      same(held, { job, doneAt: null, heldUntil: now + 1 }, "while it is being done");
      // The first has died, and its time is over.
      const [second = ""] = await claimAll(now + 2, held);
      await scheduledWork.finish(job, first, now);
      same(
        await read(subject),
        { job, doneAt: null, heldUntil: now + 2 },
        "who lost it ends nothing",
      );
      await scheduledWork.finish(job, second, now + 3);
      const done = await read(subject);
      same(done, { job, doneAt: now + 3, heldUntil: null }, "once it is done");
      same(await claimAll(now + 4, held), [], "who goes by what was before");
      const [third = ""] = await claimAll(now + 5, done);
      holds(third !== "", "somebody does it again");
      await scheduledWork.finish(job, third, null);
      same(await read(subject), done, "where it has failed it is still to be done");
    },
  ),
];
