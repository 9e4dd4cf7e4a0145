/** Where in a text of JSON the members stand that pointers name. Pure. */

const escaped = (member: string): string => member.replaceAll("~", "~0").replaceAll("/", "~1");

/** From the pointer of each value of a valid text of JSON to the place at which it begins. */
const placesOf = (text: string): Map<string, number> => {
  const places = new Map<string, number>();
  let at = 0;
  const skip = (): void => {
    while (/\s/.test(text[at] ?? "")) at += 1;
  };
  const string = (): string => {
    const from = at;
    for (at += 1; text[at] !== '"' && at < text.length; at += 1) if (text[at] === "\\") at += 1;
    at += 1;
    return JSON.parse(text.slice(from, at)) as string;
  };
  const value = (pointer: string): void => {
    skip();
    places.set(pointer, at);
    const opening = text[at];
    if (opening === '"') return void string();
    if (opening !== "{" && opening !== "[") {
      while (at < text.length && !/[\s,\]}]/.test(text[at] ?? "")) at += 1;
      return;
    }
    at += 1;
    for (let index = 0; ; index += 1) {
      skip();
      if (text[at] === "}" || text[at] === "]" || at >= text.length) break;
      if (text[at] === ",") at += 1;
      skip();
      if (opening === "[") value(`${pointer}/${index}`);
      else {
        const member = string();
        skip();
        at += 1;
        value(`${pointer}/${escaped(member)}`);
      }
    }
    at += 1;
  };
  value("");
  return places;
};

/** Lines around the one that is meant, each with its number from one. */
export interface PlaceInFile {
  readonly line: number;
  readonly lines: readonly { readonly number: number; readonly text: string }[];
}

const around = 1;
const longestLine = 200;

const placeAt = (text: string, at: number): PlaceInFile => {
  const all = text.split("\n");
  const line = text.slice(0, at).split("\n").length;
  const from = Math.max(1, line - around);
  return {
    line,
    lines: all.slice(from - 1, line + around).map((content, index) => ({
      number: from + index,
      text: content.slice(0, longestLine),
    })),
  };
};

/**
 * The place of what a pointer names; where the file lacks it, that of what is nearest around it.
 * @param text valid JSON
 */
export const placeOf = (text: string, pointer: string): PlaceInFile => {
  const places = placesOf(text);
  let known = pointer;
  while (known !== "" && !places.has(known)) known = known.slice(0, known.lastIndexOf("/"));
  return placeAt(text, places.get(known) ?? 0);
};

/** Where a text stops being JSON; null where it is JSON, or where the browser does not say. */
export const faultOf = (text: string, error: Error): PlaceInFile | null => {
  const [, position, line] = /position (\d+)|line (\d+)/.exec(error.message) ?? [];
  if (position !== undefined) return placeAt(text, Number(position));
  if (line === undefined) return null;
  return placeAt(
    text,
    text
      .split("\n")
      .slice(0, Number(line) - 1)
      .join("\n").length + (line === "1" ? 0 : 1),
  );
};
