/**
 * Loaded into a server under measurement: tells its parent how much CPU time and memory it has
 * used, or the thread that answers alone, and ends with it.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

process.on("message", (question: { readonly memory?: boolean; readonly mainThread?: boolean }) => {
  if (question.memory === true) {
    // Twice: what only a finaliser frees goes with the second.
    collectGarbage();
    collectGarbage();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.send?.({ used: heapUsed + external, rss });
  } else if (question.mainThread === true) process.send?.(process.threadCpuUsage());
  else process.send?.(process.cpuUsage());
});
process.on("disconnect", () => process.exit());
