/**
 * The published document in strangers' hands: their validators find no error in it, and the clients
 * that their generators make of it compile under strict TypeScript and get through a day against
 * the API as a process.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { findFreePort, startApiProcess } from "../api-process.ts";
import { isThorough } from "../thorough.ts";
import { webOrigin } from "./cookie-jar.ts";

const run = promisify(execFile);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const days = ["hey-api", "openapi-fetch", "orval"] as const;

/**
 * The endpoints of which orval's day uses schemas. In each schema of orval there is all that it
 * refers to: those of every endpoint have 7 MB, and to compile them takes a minute.
 */
const withSchemas = [
  ["/login", "post"],
  ["/sections/{slug}", "get"],
] as const;
type Document = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};
const forSchemas = (document: Document): Document =>
  isThorough
    ? document
    : {
        ...document,
        paths: Object.fromEntries(
          withSchemas.map(([path, method]) => [path, { [method]: document.paths[path]?.[method] }]),
        ),
      };
/** That examples are right redocly has seen. Here a validator is compiled for each of them. */
const ruleset = {
  extends: "spectral:oas",
  ...(!isThorough && { rules: { "oas3-valid-media-example": "off" } }),
};

let directory: string;
let baseUrl: string;

/**
 * A program of one of the tools, or lines of JavaScript that use it, in the directory of the
 * document.
 */
const tool = (program: string, ...options: string[]): Promise<{ stdout: string }> =>
  run(join(directory, "node_modules/.bin", program), options, {
    cwd: directory,
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    maxBuffer: 16 * 1024 * 1024,
  });
const script = (lines: string): Promise<{ stdout: string }> =>
  run(process.execPath, ["--input-type=module", "-e", lines], { cwd: directory });

/** All that each client is made of; they are made at the same time. */
const generateClients = (): Promise<unknown> =>
  Promise.all([
    script(`
      import { createClient } from "@hey-api/openapi-ts";
      await createClient({
        input: "openapi.json",
        output: "hey-api",
        logs: { level: "silent" },
        plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "zod", { name: "@hey-api/sdk", validator: true }],
      });`),
    tool("openapi-typescript", "openapi.json", "-o", "openapi-typescript.d.ts"),
    script(`
      import { generate } from "orval";
      await generate({ input: { target: "openapi.json" }, output: { target: "orval/api.ts", client: "fetch", baseUrl: "${baseUrl}" } });
      await generate({ input: { target: "for-schemas.json" }, output: { target: "orval/schemas.ts", client: "zod" } });`),
  ]);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-strangers-"));
  const port = await findFreePort();
  baseUrl = `http://localhost:${port}`;
  const api = await startApiProcess(port, {
    SALLYPORT_DATA_DIR: join(directory, "data"),
    SALLYPORT_SAMPLE_DATA: "1",
    SALLYPORT_PUBLIC_URL: baseUrl,
    SALLYPORT_WEB_ORIGINS: webOrigin,
    SALLYPORT_HOST: "localhost",
    SALLYPORT_LOG_LEVEL: "silent",
  });
  symlinkSync(here("../../node_modules"), join(directory, "node_modules"));
  const document = await (await fetch(`${baseUrl}/openapi.json`)).text();
  writeFileSync(join(directory, "openapi.json"), document);
  writeFileSync(
    join(directory, "for-schemas.json"),
    JSON.stringify(forSchemas(JSON.parse(document) as Document)),
  );
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: "es2024",
        lib: ["es2024", "dom", "dom.iterable"],
        module: "preserve",
        moduleResolution: "bundler",
        skipLibCheck: true,
        types: ["node"],
      },
      include: ["*.ts", "hey-api", "orval"],
    }),
  );
  cpSync(here("./cookie-jar.ts"), join(directory, "cookie-jar.ts"));
  for (const name of days) cpSync(here(`./${name}-day.ts.txt`), join(directory, `${name}-day.ts`));
  await generateClients();
  return async () => {
    await api.kill();
    rmSync(directory, { recursive: true, force: true });
  };
}, 120_000);

describe("the published document", () => {
  it("has no error for redocly", { timeout: 60_000 }, async () => {
    const { stdout } = await tool("redocly", "lint", "openapi.json", "--format=json");
    const { totals, problems } = JSON.parse(stdout) as {
      totals: { errors: number };
      problems: { ruleId: string }[];
    };
    expect(totals.errors).toBe(0);
    // That the test's own API is at localhost.
    expect([...new Set(problems.map(({ ruleId }) => ruleId))]).toEqual(["no-server-example.com"]);
  });

  it("has no error for spectral", { timeout: 90_000 }, async () => {
    writeFileSync(join(directory, ".spectral.json"), JSON.stringify(ruleset));
    const { stdout } = await tool(
      "spectral",
      "lint",
      "openapi.json",
      "--ruleset=.spectral.json",
      "--format=json",
      "--quiet",
    );
    const found = JSON.parse(stdout) as { code: string }[];
    // Whom to ask about an installation, nobody has told it.
    expect([...new Set(found.map(({ code }) => code))]).toEqual(["info-contact"]);
  });

  it("gives clients that compile under strict", { timeout: 120_000 }, async () => {
    await expect(tool("tsc", "-p", "tsconfig.json")).resolves.toMatchObject({ stdout: "" });
  });

  it.each(days)(
    "gives a client of %s that gets through a day",
    { timeout: 30_000 },
    async (name) => {
      const { day } = (await import(
        /* @vite-ignore */ pathToFileURL(join(directory, `${name}-day.ts`)).href
      )) as { day: (baseUrl: string) => Promise<void> };
      await expect(day(baseUrl)).resolves.toBeUndefined();
    },
  );
});
