/** The page has its h1 and the panel its h2. */
const levelOfPanel = 2;

/**
 * Gives the headings of one text levels that begin below the panel's title and leave none out,
 * whatever the author began with: who listens to a page finds the way by them.
 * @returns what is to be asked for each heading, in their order, with the level that the author
 * wrote
 */
export const nestHeadings = (): ((written: number) => number) => {
  const open: number[] = [];
  return (written) => {
    while ((open.at(-1) ?? 0) >= written) open.pop();
    open.push(written);
    return Math.min(6, levelOfPanel + open.length);
  };
};
