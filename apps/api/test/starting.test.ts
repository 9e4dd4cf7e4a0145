/**
 * Beginning on a data directory: by several processes at once, by an older version, with a secret
 * of its own.
 */
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { findFreePort } from "./api-process.ts";
import { createDirectory, run, start } from "./tool.ts";

vi.setConfig({ testTimeout: 60_000 });

describe("two first starts on one empty directory", () => {
  const serve = async (directory: string, environment: Record<string, string> = {}) => {
    const port = await findFreePort();
    const started = start(["serve"], {
      SALLYPORT_DATA_DIR: directory,
      SALLYPORT_PORT: String(port),
      ...environment,
    });
    return { port, ...started };
  };

  it("both come up, with one secret, one database and one set of keys", async () => {
    const directory = join(createDirectory(), "data");
    const both = await Promise.all([1, 2, 3].map(() => serve(directory)));
    await Promise.all(both.map(({ said }) => said('"listening"')));
    const keys = await Promise.all(
      both.map(async ({ port }) =>
        (await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`)).text(),
      ),
    );
    expect(new Set(keys).size).toBe(1);
    expect(statSync(join(directory, "secret")).mode & 0o777).toBe(0o600);
    for (const { child } of both) child.kill("SIGTERM");
    const outcomes = await Promise.all(both.map(({ outcome }) => outcome));
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ]);
    expect(readdirSync(directory).filter((name) => /new|setup-link\./.test(name))).toEqual([]);
  });

  it("both come up with sample data, which is loaded once", async () => {
    const directory = join(createDirectory(), "data");
    const both = await Promise.all(
      [1, 2].map(() => serve(directory, { SALLYPORT_SAMPLE_DATA: "1" })),
    );
    await Promise.all(both.map(({ said }) => said('"listening"')));
    for (const { child } of both) child.kill("SIGTERM");
    expect((await Promise.all(both.map(({ outcome }) => outcome))).map(({ code }) => code)).toEqual(
      [0, 0],
    );
  });
});

describe("a data directory that cannot be made", () => {
  it.each([
    ["where there can be none", "/proc/nowhere/data"],
    ["in a file", join(fileURLToPath(import.meta.url), "data")],
    ["that is a file", fileURLToPath(import.meta.url)],
    ["with a name that is too long", `/tmp/${"x".repeat(300)}`],
  ])("%s, is refused at once, in words", async (_, directory) => {
    const refused = await run(directory, ["serve"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(`The data directory ${directory} cannot be used`);
    expect(refused.stderr).toMatch(/name another one in SALLYPORT_DATA_DIR\.\n$/);
  });
});

describe("the secret", () => {
  it("that was cut off while it was written is made anew, where nothing rests on it yet", async () => {
    const directory = createDirectory();
    writeFileSync(join(directory, "secret.new"), "half of a sec");
    expect(await run(directory, ["setup-link"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(directory, "secret"), "utf8")).toMatch(/^[\w-]{43}\n$/);
  });
});
