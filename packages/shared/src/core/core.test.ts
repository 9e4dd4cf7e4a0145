/**
 * Threads begin with this entry when the first query comes, and a page with the mock carries it.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const listLoaded = `
  import { registerHooks } from "node:module";
  registerHooks({
    load: (url, context, next) => {
      console.log(url);
      return next(url, context);
    },
  });
  await import(process.argv[1]);
`;

it("loads no schemas", { timeout: 30_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=sallyport-source",
    "--input-type=module",
    "--eval",
    listLoaded,
    new URL("core.ts", import.meta.url).href,
  ]);
  const loaded = stdout.trim().split("\n");
  expect(loaded.some((url) => url.endsWith("/core/queries/resolve-query.ts"))).toBe(true);
  expect(loaded.filter((url) => url.includes("/node_modules/"))).toEqual([]);
});
