import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import { expect, it, onTestFinished } from "vitest";
import { forbidden, options } from "../../.dependency-cruiser.mjs";

/** Which rules a tree of these files breaks, as `file: rule`. */
const complaintsAbout = async (files) => {
  const directory = mkdtempSync(join(tmpdir(), "sallyport-boundaries-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const packages = ["better-sqlite3", "drizzle-orm"].flatMap((name) => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" })],
    [`node_modules/${name}/index.js`, ""],
  ]);
  for (const [name, text] of [...packages, ...Object.entries(files)]) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const { output } = await cruise(["apps"], {
    ...options,
    baseDir: directory,
    validate: true,
    ruleSet: { forbidden },
  });
  return output.summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`).sort();
};

const room = {
  "apps/api/src/stores/sqlite/connection.ts":
    'import sqlite from "better-sqlite3";\nimport drizzle from "drizzle-orm";\nexport const open = [sqlite, drizzle];\n',
  "apps/api/src/stores/sqlite/testing/by-hand.ts":
    'import { open } from "../connection.ts";\nexport const byHand = open;\n',
};
const importing = (path) => `import { open } from "${path}";\nexport const used = open;\n`;
const byHand = (path) => `import { byHand } from "${path}";\nexport const used = byHand;\n`;
const driver = 'import sqlite from "better-sqlite3";\nexport const used = sqlite;\n';

it("the stores on SQLite, their tests, the composition root and the subject of tests keep to the map of imports", async () => {
  expect(
    await complaintsAbout({
      ...room,
      "apps/api/src/stores/sqlite/connection.test.ts": importing("./connection.ts"),
      "apps/api/src/stores/sqlite/users.test.ts": byHand("./testing/by-hand.ts"),
      "apps/api/src/dependencies.ts": importing("./stores/sqlite/connection.ts"),
      "apps/api/test/test-app.ts": byHand("../src/stores/sqlite/testing/by-hand.ts"),
    }),
  ).toEqual([]);
});

it("whoever else reaches for SQLite is told of, in a source, in a test, in a browser's test", async () => {
  const driverRule = "only the stores on SQLite know SQLite, tests included";
  const roomRule =
    "only the composition root opens the stores on SQLite, and no test but beside them";
  const handRule = "what is done to a database by hand, a test asks of its subject";
  expect(
    await complaintsAbout({
      ...room,
      "apps/api/src/cli/datasets.ts": importing("../stores/sqlite/connection.ts"),
      "apps/api/src/cli/datasets.test.ts": driver,
      "apps/api/src/dependencies.ts": byHand("./stores/sqlite/testing/by-hand.ts"),
      "apps/api/src/stores/sqlite/users.ts": byHand("./testing/by-hand.ts"),
      "apps/api/test/sign-in.test.ts": `${driver}export type { open } from "../src/stores/sqlite/connection.ts";\n`,
      "apps/api/test/team.ts": 'import drizzle from "drizzle-orm";\nexport const used = drizzle;\n',
      "apps/web/e2e/real/panels.test.ts": byHand(
        "../../../api/src/stores/sqlite/testing/by-hand.ts",
      ),
    }),
  ).toEqual(
    [
      `apps/api/src/cli/datasets.test.ts: ${driverRule}`,
      `apps/api/src/dependencies.ts: ${handRule}`,
      `apps/api/src/stores/sqlite/users.ts: ${handRule}`,
      `apps/api/test/sign-in.test.ts: ${driverRule}`,
      `apps/api/test/sign-in.test.ts: ${roomRule}`,
      "apps/api/test/team.ts: only stores know a database, tests included",
      `apps/web/e2e/real/panels.test.ts: ${handRule}`,
      `apps/api/src/cli/datasets.ts: ${roomRule}`,
    ].sort(),
  );
});
