import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const indent = "  ";

/**
 * What `npm start` says about signing in, as lines. The API leaves the link for the first admin in
 * a file, since its output goes to `npm start`: the person in front of a terminal may see the link
 * itself, a log may not.
 */
export function signInWords({ hasSampleData, dataDirectory, isTerminal }) {
  if (hasSampleData) {
    return [
      `${indent}Sign in as   mica   sample-mica-passphrase   (sees everything, administers)`,
      `${indent}             mike   sample-mike-passphrase   (marketing only)`,
      `${indent}             Everybody else in the sample: sample-NAME-passphrase`,
    ];
  }
  const file = join(dataDirectory, "setup-link");
  if (!existsSync(file))
    return [`${indent}Sign in with your own account: this data directory holds no sample data.`];
  return [
    `${indent}Nobody can sign in yet: there is no admin, and no sample data in this directory.`,
    isTerminal
      ? `${indent}Create the first admin, within 30 minutes:  ${readFileSync(file, "utf8").trim()}`
      : `${indent}The link that creates the first admin, for 30 minutes, is in ${file}`,
  ];
}

/** The API's own words about that link, which `signInWords` has said better. */
export const isSaidBySignInWords = (line) => line.startsWith("There is no admin yet.");
