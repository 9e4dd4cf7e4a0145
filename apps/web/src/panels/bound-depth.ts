/**
 * What draws a text recurses once for each level. Deeper than this nobody reads, and the stack
 * would not hold.
 */
const mostLevels = 100;

interface Node {
  readonly type: string;
  children?: Node[];
}

/**
 * Puts a word in the place of whatever is nested too deep in a text. Goes through it without
 * recursion itself.
 */
export const boundDepth = (root: Node): void => {
  const open: { readonly node: Node; readonly level: number }[] = [{ node: root, level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, level } = next;
    if (!node.children) continue;
    if (level >= mostLevels) node.children = [{ type: "text", value: "…" } as Node];
    else for (const child of node.children) open.push({ node: child, level: level + 1 });
  }
};
