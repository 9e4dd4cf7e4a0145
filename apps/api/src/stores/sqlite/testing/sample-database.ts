/**
 * The database of an installation with the sample data, as it is before its first start ends. To
 * load the sample takes a second: a run of tests does it once, and each installation of it begins
 * with a copy.
 */
import { openDatabase } from "../connection.ts";
import { loadSampleData } from "../load-sample-data.ts";

/** @param at when it was loaded, in milliseconds since 1970 */
export const makeSampleDatabase = async (
  file: string,
  at: number,
  hashPassword: (password: string) => Promise<string>,
): Promise<void> => {
  const database = openDatabase(file);
  await loadSampleData(database, { hashPassword, now: () => at });
  // Closing it writes the log into the file, which is the whole of it from then on.
  database.close();
};
