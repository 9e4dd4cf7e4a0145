import type { MockOptions } from "./options.ts";

const known = ["persona", "scenario", "latency", "errorRate", "clock", "seed"] as const;

const numberOf = (name: string, text: string): number => {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value))
    throw new Error(`?mock= wants a number for ${name}, and ${JSON.stringify(text)} is none.`);
  return value;
};

/**
 * Options from the address of a page:
 * `?mock=persona:frida,scenario:slow,latency:200-800,errorRate:0.1,clock:2026-12-24T09:00Z,seed:7`.
 * Whether there is a persona or a scenario of that name is `createMockApi`'s to say.
 * @param search the query of the address, as `location.search` has it
 * @throws Error for names that there are not, with those there are
 */
export const readMockParameter = (search: string): Pick<MockOptions, (typeof known)[number]> => {
  const options: Record<string, unknown> = {};
  for (const part of new URLSearchParams(search)
    .getAll("mock")
    .flatMap((text) => text.split(","))) {
    if (part.trim() === "") continue;
    const end = part.includes(":") ? part.indexOf(":") : part.length;
    const [name, value] = [part.slice(0, end).trim(), part.slice(end + 1).trim()];
    if (!(known as readonly string[]).includes(name))
      throw new Error(
        `?mock= knows no ${JSON.stringify(name)}. It knows: ${known.join(", ")}, as in ?mock=persona:frida,scenario:slow.`,
      );
    if (name === "persona" || name === "scenario" || name === "clock") options[name] = value;
    else if (name === "latency" && /.-./.test(value))
      options[name] = value.split("-", 2).map((text) => numberOf(name, text));
    else options[name] = numberOf(name, value);
  }
  return options;
};
