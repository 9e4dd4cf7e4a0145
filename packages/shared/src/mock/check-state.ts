/**
 * Whether something is a state of this version of the mock: it may come from a file, or from what
 * an older page has kept.
 */
import { scenarioNames } from "./scenario-names.ts";
import type { MockState } from "./state.ts";
import { createState } from "./world.ts";

const kindOf = (value: unknown): string => (Array.isArray(value) ? "list" : typeof value);

let model: MockState | null = null;

/**
 * Has everything in the list what the first one of the beginning has? So a member that is new with
 * users, roles, grants, sections or datasets is missed also where nobody raised the version.
 */
const hasMembers = (list: readonly unknown[], [first]: readonly unknown[]): boolean => {
  if (typeof first !== "object" || first === null) return true;
  const names = Object.keys(first);
  return list.every(
    (one) =>
      typeof one === "object" && one !== null && names.every((name) => Object.hasOwn(one, name)),
  );
};

/**
 * Has it every part that a state has, each of its kind, and of what is there in the beginning every
 * member? What stands in them is believed.
 */
export const isMockState = (value: unknown): value is MockState => {
  if (typeof value !== "object" || value === null) return false;
  const parts = value as Record<string, unknown>;
  model ??= createState(1, 0);
  const hasAll = Object.entries(model).every(
    ([name, part]) =>
      kindOf(parts[name]) === kindOf(part) &&
      (parts[name] !== null || part === null) &&
      (!Array.isArray(part) || hasMembers(parts[name] as unknown[], part)),
  );
  return (
    hasAll &&
    parts["version"] === model.version &&
    (scenarioNames as readonly unknown[]).includes(parts["scenario"])
  );
};
