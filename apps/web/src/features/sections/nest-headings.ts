interface Node {
  readonly type: string;
  tagName?: string;
  readonly children?: readonly Node[];
}

/** The page has its h1 and the panel its h2. */
const levelOfPanel = 2;

/**
 * Gives the headings of a text levels that begin below the panel's title and leave none out, whatever the author
 * began with: who listens to a page finds the way by them. Changes the tree it is given.
 */
export const nestHeadings = (tree: Node): void => {
  const open: number[] = [];
  const visit = (node: Node): void => {
    const written = /^h([1-6])$/.exec(node.tagName ?? "")?.[1];
    if (written !== undefined) {
      const level = Number(written);
      while ((open.at(-1) ?? 0) >= level) open.pop();
      open.push(level);
      node.tagName = `h${Math.min(6, levelOfPanel + open.length)}`;
    }
    node.children?.forEach(visit);
  };
  visit(tree);
};
