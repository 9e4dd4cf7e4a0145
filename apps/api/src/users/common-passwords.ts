/** Which passwords are tried first: listed ones, and what an estimate says is guessed soon. */
import { shortestPassword } from "@sallyport/shared/contract";

/**
 * A trillion: years for a machine that has a copy of the hashes and tries ten thousand a second.
 * Four words that were drawn at random are above it.
 */
const fewestGuesses = 1e12;

/** Passphrases that everybody has read as an example, in letters only. */
const famous = [
  "correcthorsebatterystaple",
  "thequickbrownfoxjumpsoverthelazydog",
  "tobeornottobethatisthequestion",
  "maytheforcebewithyou",
  "loremipsumdolorsitamet",
];

const load = async (): Promise<(text: string) => boolean> => {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  const listed = new Set<string>(dictionary["passwords-common"] ?? []);
  const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  return (text) => {
    const letters = text.replace(/\P{L}+/gu, "");
    if (listed.has(text) || famous.some((phrase) => letters.startsWith(phrase))) return true;
    // What is shorter is no whole password, and the length that was asked for is not to be weighed
    // twice.
    return text.length >= shortestPassword && estimator.check(text).guesses < fewestGuesses;
  };
};

let loaded: ReturnType<typeof load> | undefined;

/**
 * Says of a text in lower case whether it is among the passwords that are tried first. The lists
 * are read when the first password is chosen, which takes a quarter of a second; a text of 128
 * characters takes less than that again.
 */
export const loadCommonPasswords = (): ReturnType<typeof load> => (loaded ??= load());
