// The order of test files where nothing is known of earlier runs, as on every fresh clone: those
// that take longest begin first, or the last of them would run alone while the other worker has
// nothing left to do.

import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { BaseSequencer } from "vitest/node";

/**
 * A sequencer for `test.sequence.sequencer`.
 * @param {string} folder of the package
 * @param {readonly string[]} longest the files that begin first, in this order, as paths in it
 */
export const longestFirst = (folder, longest) => {
  const missing = longest.filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0)
    throw new Error(
      `The longest test files are to begin first, and there is no ${missing.join(", ")} in ${folder}. Mend the list in its vitest.config.ts.`,
    );
  const placeOf = ({ moduleId }) => {
    const place = longest.indexOf(relative(folder, moduleId).split(sep).join("/"));
    return place === -1 ? longest.length : place;
  };
  return class extends BaseSequencer {
    async sort(files) {
      const sorted = await super.sort(files);
      return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
    }
  };
};
