/** A directory holds sample data or real data, and never both. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, type Config } from "../config.ts";
import { startLock } from "./data-directory.ts";

/** The file that marks a data directory as holding sample data. */
export const sampleMarker = "sample-data";

/** @throws ConfigError when sample data is asked for and the directory holds real data */
export const markSampleData = (config: Config): void => {
  if (!config.sampleData) return;
  const marker = join(config.dataDirectory, sampleMarker);
  if (readdirSync(config.dataDirectory).every((name) => name.startsWith(startLock)))
    writeFileSync(marker, "This directory holds the sample data. Nothing of it is real.\n");
  if (!existsSync(marker))
    throw new ConfigError([
      `SALLYPORT_SAMPLE_DATA: ${config.dataDirectory} holds real data, which never receives samples. Name an empty directory in SALLYPORT_DATA_DIR, or leave SALLYPORT_SAMPLE_DATA unset.`,
    ]);
};

/** Where the sample goes. */
export interface SampleStore {
  isLoaded(): boolean;
  /** Is there nobody and nothing yet? */
  isEmpty(): boolean;
  /** All of it, or nothing. */
  load(means: { hashPassword(password: string): Promise<string>; now(): number }): Promise<void>;
}

/**
 * Loaded in one transaction, and only for those who ask for it: a start that is cut off leaves
 * nothing half done.
 * @param open the store, and with it all that only the sample needs
 * @throws ConfigError when there is real data
 */
export const loadSampleDataOnce = async (
  config: Config,
  open: () => Promise<SampleStore>,
  means: Parameters<SampleStore["load"]>[0],
): Promise<void> => {
  if (!config.sampleData) return;
  const sample = await open();
  if (sample.isLoaded()) return;
  if (!sample.isEmpty())
    throw new ConfigError([
      "SALLYPORT_SAMPLE_DATA: the database holds real data, which never receives samples. Leave SALLYPORT_SAMPLE_DATA unset.",
    ]);
  await sample.load(means);
};
