// Holds the imports to the map in .dependency-cruiser.mjs, and the tool to having looked: without a
// TypeScript it can use, dependency-cruiser sees no module and reports success.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import { forbidden, options, rooms, testTrees } from "../.dependency-cruiser.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const trees = Object.keys(rooms);
const filesIn = (tree) =>
  readdirSync(tree, { recursive: true })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(tree, name));
const ofRooms = trees.flatMap(filesIn);
const sources = [...ofRooms, ...testTrees.flatMap(filesIn)];

const { output } = await cruise([...trees, ...testTrees], {
  ...options,
  validate: true,
  ruleSet: { forbidden },
});
const complaints = [];

const edges = new Map(output.modules.map((module) => [module.source, module.dependencies.length]));
const unseen = sources.filter((source) => !edges.has(source));
if (unseen.length > 0)
  complaints.push(
    `The checker did not see ${unseen.length} of ${sources.length} source files, the first is ${unseen[0]}. Its result means nothing.`,
  );
const blind = sources.filter(
  (source) =>
    edges.get(source) === 0 &&
    /^(import|export) [^;]*? ?from "\./m.test(readFileSync(source, "utf8")),
);
if (blind.length > 0)
  complaints.push(
    `The checker saw no import in ${blind.length} files that have some, the first is ${blind[0]}. Its result means nothing.`,
  );
if (sources.length === 0) complaints.push("There are no source files to check.");

for (const source of ofRooms) {
  const tree = trees.find((candidate) => source.startsWith(`${candidate}/`));
  const room = source.slice(tree.length + 1).replace(/(\/.*|(\.test|\.d)?\.tsx?)$/, "");
  if (!(room in rooms[tree]))
    complaints.push(`${source}: the room "${room}" is not on the map in .dependency-cruiser.mjs.`);
}

for (const violation of output.summary.violations) {
  const way = violation.cycle ? ` (${violation.cycle.map((step) => step.name).join(" → ")})` : "";
  complaints.push(`${violation.from} → ${violation.to}: ${violation.rule.name}${way}`);
}

if (complaints.length > 0) {
  console.error(complaints.join("\n"));
  console.error(`\n${complaints.length} complaints about imports.`);
  process.exit(1);
}
const count = [...edges.values()].reduce((sum, dependencies) => sum + dependencies, 0);
console.log(`Imports keep to the map: ${sources.length} source files, ${count} imports.`);
