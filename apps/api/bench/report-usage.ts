/** Loaded into a server under measurement: tells its parent how much CPU time it has used, and ends with it. */
process.on("message", () => process.send?.(process.cpuUsage()));
process.on("disconnect", () => process.exit());
