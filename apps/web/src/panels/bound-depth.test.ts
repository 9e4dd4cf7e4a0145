import { expect, test } from "vitest";
import { boundDepth } from "./bound-depth.ts";

interface Node {
  readonly type: string;
  children?: Node[];
}

test("what is nested without end is cut, and what stands beside it stays", () => {
  let deep: Node = { type: "text" };
  for (let level = 0; level < 50_000; level++) deep = { type: "blockquote", children: [deep] };
  const root: Node = { type: "root", children: [deep, { type: "paragraph", children: [] }] };
  boundDepth(root);
  let levels = 0;
  for (let node: Node | undefined = root; node; node = node.children?.[0]) levels++;
  expect(levels).toBeLessThan(110);
  expect(root.children).toHaveLength(2);
});
