// Sums up what every vitest run of the workspace reported, as one plain line. Invariant: a run that
// left no report, or that says of itself that it failed, counts as a failure; silence is never
// success.
//
//   node .ci/count-tests.mjs --clear   before the tests: removes what earlier runs left
//   node .ci/count-tests.mjs           after them

import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const reportName = join("node_modules", ".test-report.json");

/** Every package directory of the workspace whose tests `npm test` runs. */
function testedDirectories(root) {
  const packages = ["apps", "packages"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  const tested = packages.filter((directory) => {
    const manifest = join(root, directory, "package.json");
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).scripts?.test;
  });
  return [".", ...tested];
}

/**
 * Passed, failed and skipped tests over all reports, and a line for each thing that is wrong with a
 * report itself.
 */
export function countTests(root) {
  const sum = { passed: 0, failed: 0, skipped: 0, complaints: [] };
  for (const directory of testedDirectories(root)) {
    const where = directory === "." ? "the tooling" : directory;
    let report;
    try {
      report = JSON.parse(readFileSync(join(root, directory, reportName), "utf8"));
    } catch {
      sum.failed += 1;
      sum.complaints.push(`${where}: the tests left no report, so they did not run to their end.`);
      continue;
    }
    sum.passed += report.numPassedTests;
    sum.failed += report.numFailedTests;
    sum.skipped += report.numPendingTests + (report.numTodoTests ?? 0);
    const broken = report.testResults.filter(
      (file) =>
        file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
    );
    for (const file of broken)
      sum.complaints.push(
        `${where}: ${file.name} could not be run: ${(file.message ?? "").split("\n")[0]}`,
      );
    sum.failed += broken.length;
    if (!report.success && report.numFailedTests === 0 && broken.length === 0) {
      sum.failed += 1;
      sum.complaints.push(`${where}: the run failed outside any test.`);
    }
    if (report.numTotalTests === 0 && broken.length === 0) {
      sum.failed += 1;
      sum.complaints.push(`${where}: there are no tests.`);
    }
  }
  return sum;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (process.argv.includes("--clear")) {
    for (const directory of testedDirectories(root))
      rmSync(join(root, directory, reportName), { force: true });
  } else {
    const { passed, failed, skipped, complaints } = countTests(root);
    for (const complaint of complaints) console.log(complaint);
    console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
    process.exitCode = failed === 0 ? 0 : 1;
  }
}
