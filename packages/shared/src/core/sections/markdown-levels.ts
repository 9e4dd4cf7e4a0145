/**
 * How deep a Markdown text is nested, read from its marks without a parser. What draws texts has a
 * bound of its own: it is the one that holds.
 */

/**
 * Nobody writes a list in a list in a list thirty-two times; what draws texts recurses once for
 * each level.
 */
export const mostMarkdownLevels = 32;

const fence = /^(?:`{3,}(?=[^`]*$)|~{3,})/;
const quotation = /^ {0,3}>[ \t]?/;
const listItem = /^[ \t]*(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)[ \t]?/;

const columnsOf = (indent: string): number =>
  [...indent].reduce((columns, one) => columns + (one === "\t" ? 4 : 1), 0);

/**
 * The lists and quotations that a line is in, as far as its own marks say, and what follows them.
 */
const readContainers = (
  line: string,
): { readonly levels: number; readonly startsItem: boolean; readonly rest: string } => {
  const indent = columnsOf(/^[ \t]*/.exec(line)?.[0] ?? "");
  let rest = line;
  let marks = 0;
  let startsItem = false;
  for (;;) {
    const quoted = quotation.exec(rest);
    const item = quoted === null ? listItem.exec(rest) : null;
    const found = quoted ?? item;
    if (found === null) break;
    marks += 1;
    startsItem ||= item !== null;
    rest = rest.slice(found[0].length);
  }
  // An item inside another one stands two columns further right at least.
  return { levels: marks === 0 ? 0 : marks + Math.floor(indent / 2), startsItem, rest };
};

const isBlank = (character: string | undefined): boolean =>
  character === undefined || /\s/.test(character);

/**
 * The levels of lists, quotations, brackets and emphasis that are open at once, at most. A mark
 * that stands for itself may count as one.
 */
export const markdownLevels = (text: string): number => {
  let most = 0;
  let brackets = 0;
  let emphasis = 0;
  let fencedBy: string | null = null;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const { levels, startsItem, rest } = readContainers(line);
    const mark = fence.exec(rest.trim())?.[0] ?? null;
    if (fencedBy !== null) {
      if (mark?.startsWith(fencedBy)) fencedBy = null;
      most = Math.max(most, levels);
      continue;
    }
    if (mark !== null) fencedBy = mark;
    if (startsItem || rest.trim() === "" || mark !== null) brackets = emphasis = 0;
    most = Math.max(most, levels);
    if (mark !== null) continue;
    for (const { 0: run, index } of rest.matchAll(/[[\]]|[*_~]+/g)) {
      if (run === "[") brackets += 1;
      else if (run === "]") brackets = Math.max(0, brackets - 1);
      else {
        const closes = !isBlank(rest[index - 1]) && emphasis > 0;
        if (closes) emphasis = Math.max(0, emphasis - run.length);
        else if (!isBlank(rest[index + run.length])) emphasis += run.length;
      }
      most = Math.max(most, levels + brackets + emphasis);
    }
  }
  return most;
};
