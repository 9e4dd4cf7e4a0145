import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The API leaves this file in a data directory that it has filled with sample data. */
const marker = "sample-data";

function isEmptyOrAbsent(directory) {
  return !existsSync(directory) || readdirSync(directory).length === 0;
}

/**
 * Whether `npm start` asks the API for the sample data. The user's own word counts first. Otherwise
 * only where it cannot meet anybody's real data: a directory already marked as sample, or the empty
 * default directory.
 */
export function wantsSampleData({ env, dataDirectory }) {
  if (env.SALLYPORT_SAMPLE_DATA !== undefined)
    return ["1", "true"].includes(env.SALLYPORT_SAMPLE_DATA);
  if (env.SALLYPORT_DATABASE_URL) return false;
  if (existsSync(join(dataDirectory, marker))) return true;
  return !env.SALLYPORT_DATA_DIR && isEmptyOrAbsent(dataDirectory);
}
