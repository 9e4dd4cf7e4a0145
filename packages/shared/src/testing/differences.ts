/** How a behaviour says that something is not as it has to be. */

/** What was found is not what has to be. */
export class Difference extends Error {
  override readonly name = "Difference";
}

const show = (value: unknown): string => {
  const text = value === undefined ? "undefined" : JSON.stringify(value);
  return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Where two values of JSON differ, as a path; null where they are equal. */
const findDifference = (
  actual: unknown,
  expected: unknown,
  isPart: boolean,
  path: string,
): string | null => {
  if (Object.is(actual, expected)) return null;
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual) !== Array.isArray(expected))
    return path;
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length !== expected.length)
    return `${path}/length`;
  const names = new Set([...Object.keys(expected), ...(isPart ? [] : Object.keys(actual))]);
  for (const name of names) {
    const found = Object.hasOwn(actual, name)
      ? findDifference(actual[name], expected[name], isPart, `${path}/${name}`)
      : `${path}/${name}`;
    if (found !== null) return found;
  }
  return null;
};

/** @throws Difference unless both are equal, member by member */
export const same = (actual: unknown, expected: unknown, what: string): void => {
  const path = findDifference(actual, expected, false, "");
  if (path !== null)
    throw new Difference(
      `${what}: differs at ${path === "" ? "/" : path}\n  is ${show(actual)}\n  has to be ${show(expected)}`,
    );
};

/**
 * @throws Difference unless every member that is expected is there and equal; there may be more,
 * but in no array
 */
export const includes = (actual: unknown, expected: unknown, what: string): void => {
  const path = findDifference(actual, expected, true, "");
  if (path !== null)
    throw new Difference(
      `${what}: differs at ${path === "" ? "/" : path}\n  is ${show(actual)}\n  has to include ${show(expected)}`,
    );
};

/** @throws Difference unless it is true */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Difference(what);
}
