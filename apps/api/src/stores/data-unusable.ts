/**
 * What is in the data directory is not for this process, now or ever. Its message says why, and how
 * to mend it.
 */
export class DataUnusable extends Error {}
