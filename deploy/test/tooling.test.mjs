import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countTests } from "../../.ci/count-tests.mjs";
import {
  findProgram,
  headlessChromium,
  programForTest,
  programVariables,
} from "../../.ci/programs.mjs";
import { describeOwner, portOwner, portState } from "../port-owner.mjs";
import { wantsSampleData } from "../sample-data.mjs";
import { signInWords } from "../sign-in-words.mjs";

const root = resolve(import.meta.dirname, "../..");
let directory;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sallyport-tooling-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function program(name) {
  const path = join(directory, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}

async function withListener(host, whileListening) {
  const server = createServer();
  server.listen(0, host);
  await once(server, "listening");
  try {
    return await whileListening(server.address().port);
  } finally {
    server.close();
    await once(server, "close");
  }
}

describe("a busy port", () => {
  it("is told from a free one", async () => {
    const port = await withListener("127.0.0.1", async (taken) => {
      expect(await portState(taken)).toBe("busy");
      return taken;
    });
    expect(await portState(port)).toBe("free");
  });

  const speaksIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === "::1"),
  );
  it.runIf(speaksIpv6)("is seen when only another loopback address is taken", async () => {
    await withListener("::1", async (port) => expect(await portState(port)).toBe("busy"));
  });

  it("is named with the process that has it", async () => {
    const script =
      "const s=require('net').createServer().listen(0,'127.0.0.1',()=>console.log(s.address().port))";
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = await once(child.stdout, "data");
      const owner = portOwner(Number(line));
      expect(owner.pid).toBe(child.pid);
      expect(describeOwner(owner)).toMatch(new RegExp(`^process ${child.pid} \\(.*node`));
    } finally {
      child.kill();
    }
  });

  it("stops `npm start` with its owner and the variable that changes it", async () => {
    await withListener("127.0.0.1", async (port) => {
      const env = { ...process.env, SALLYPORT_PORT: String(port) };
      const child = spawn(process.execPath, [join(root, "deploy/start.mjs")], {
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      child.stderr.on("data", (chunk) => (said += chunk));
      const [exitCode] = await once(child, "close");
      expect(exitCode).toBe(1);
      expect(said).toContain(
        `Port ${port}, wanted for the API, is taken by process ${process.pid} (`,
      );
      expect(said).toContain("SALLYPORT_PORT=");
    });
  });
});

describe("a program for the tests", () => {
  it("is the one that its variable names", () => {
    const chosen = program("my-chromium");
    expect(findProgram("chromium", { env: { SALLYPORT_CHROMIUM: chosen, PATH: "" } })).toBe(chosen);
  });

  it("is not silently another when its variable names nothing that runs", () => {
    program("bin/chromium");
    const env = { SALLYPORT_CHROMIUM: join(directory, "absent"), PATH: join(directory, "bin") };
    expect(() => findProgram("chromium", { env })).toThrow("SALLYPORT_CHROMIUM");
  });

  it("is found on the PATH, and under macOS among the applications", () => {
    const inPath = program("bin/google-chrome");
    expect(
      findProgram("chromium", {
        env: { PATH: `/nowhere:${join(directory, "bin")}` },
        platform: "linux",
      }),
    ).toBe(inPath);
    const application = program("Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    expect(
      findProgram("chromium", { env: { PATH: "", HOME: directory }, platform: "darwin" }),
    ).toBe(application);
  });

  it("is undefined on a machine without one", () => {
    expect(
      findProgram("chromium", { env: { PATH: directory, HOME: directory }, platform: "linux" }),
    ).toBeUndefined();
  });

  it("that is absent leaves its tests out, but never Chromium's, and none in CI", () => {
    const env = { PATH: directory };
    expect(programForTest("firefox", { env })).toBeUndefined();
    expect(() => programForTest("firefox", { env: { ...env, CI: "true" } })).toThrow(
      "sudo apt-get install firefox-esr",
    );
    expect(() => programForTest("chromium", { env })).toThrow("SALLYPORT_CHROMIUM");
  });

  it("may be named by a variable that turbo hands on", () => {
    const { tasks } = JSON.parse(readFileSync(join(root, "turbo.json"), "utf8"));
    for (const [task, others] of [
      ["test", ["CI", "THOROUGH"]],
      ["//#test:tooling", ["CI"]],
    ])
      expect(tasks[task].passThroughEnv).toEqual([...others, ...programVariables]);
  });
});

// A machine of its own, as far as the PATH goes: it holds only what the test puts there.
describe.runIf(process.platform === "linux")("programs on a machine without them", () => {
  const ensure = (env = {}, names = ["chromium", "firefox"]) =>
    spawnSync(
      process.execPath,
      [
        "-e",
        `import(${JSON.stringify(join(root, ".ci/programs.mjs"))}).then((m) => m.ensurePrograms({ names: ${JSON.stringify(names)}, say: console.log })).catch((e) => { console.error(e.message); process.exit(1); })`,
      ],
      {
        env: { PATH: directory, ...env },
        encoding: "utf8",
      },
    );
  const calls = () => readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
  // Puts a program into the place for each package that this machine's distribution knows.
  const aptGet = (...known) => {
    const installs = known.map((name) => `    ${name}) /bin/cp "$0" ${join(directory, name)};;`);
    writeFileSync(
      program("apt-get"),
      `#!/bin/sh
echo "$@" >> ${join(directory, "calls")}
[ "$1" = --version ] && exit 0
case "$*" in *update) exit 0;; esac
shift 4
for name in "$@"; do
  case " ${known.join(" ")} " in *" $name "*) ;; *) echo "E: Unable to locate package $name"; exit 100;; esac
done
for name in "$@"; do
  case "$name" in
${installs.join("\n")}
  *) ;;
  esac
done
`,
    );
  };

  beforeEach(() => {
    for (const name of ["env", "true"]) symlinkSync(`/usr/bin/${name}`, join(directory, name));
    writeFileSync(program("sudo"), `#!/bin/sh\nshift\nexec "$@"\n`);
  });

  it("are installed with apt-get, all at once, after an update", () => {
    aptGet("chromium", "firefox-esr");
    expect(ensure()).toMatchObject({
      status: 0,
      stdout: "Installing Chromium and Firefox for the tests with apt-get (once) ...\n",
    });
    expect(calls().slice(-2)).toEqual([
      expect.stringContaining("update"),
      expect.stringContaining("install --no-install-recommends chromium firefox-esr"),
    ]);
    expect(ensure()).toMatchObject({ status: 0, stdout: "" });
  });

  it("that only make tests faster are installed in CI alone, and not missed", () => {
    const chromium = program("chromium");
    const names = ["chromium", "headlessShell"];
    const env = { PATH: directory };
    aptGet();
    expect(ensure({ CI: "true" }, names)).toMatchObject({ status: 0, stderr: "" });
    expect(headlessChromium(env)).toBe(chromium);
    aptGet("chromium-headless-shell");
    expect(ensure({}, names)).toMatchObject({ status: 0, stdout: "" });
    expect(headlessChromium(env)).toBe(chromium);
    expect(ensure({ CI: "true" }, names).status).toBe(0);
    expect(headlessChromium(env)).toBe(join(directory, "chromium-headless-shell"));
    expect(headlessChromium({ ...env, SALLYPORT_CHROMIUM: chromium })).toBe(chromium);
    expect(findProgram("chromium", { env })).toBe(chromium);
    expect(ensure({ CI: "true" }, names)).toMatchObject({ status: 0, stdout: "" });
  });

  it("are left out where the distribution does not know one, which keeps none of the others away", () => {
    aptGet("chromium");
    const result = ensure();
    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toContain("The tests in Firefox need Firefox, and none was found.");
    expect(result.stdout).toContain("They are left out.");
  });

  it("must all be there in CI", () => {
    aptGet("chromium");
    const result = ensure({ CI: "true" });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("E: Unable to locate package firefox-esr");
    expect(result.stderr).toContain("SALLYPORT_FIREFOX");
  });

  it("leave the reason and what to do when apt-get fails", () => {
    aptGet();
    const result = ensure();
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("E: Unable to locate package");
    expect(result.stderr).toContain("SALLYPORT_CHROMIUM");
  });

  it("leave what to do when there is no package manager that may be used", () => {
    expect(ensure()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("brew install --cask chromium"),
    });
  });
});

describe("sample data", () => {
  const wants = (env, dataDirectory = directory) => wantsSampleData({ env, dataDirectory });

  it("goes into a default directory that is empty or absent", () => {
    expect(wants({})).toBe(true);
    expect(wants({}, join(directory, "absent"))).toBe(true);
  });

  it("never goes into a directory with anything in it", () => {
    writeFileSync(join(directory, "sallyport.db"), "");
    expect(wants({})).toBe(false);
  });

  it("stays where it was loaded before", () => {
    writeFileSync(join(directory, "sallyport.db"), "");
    writeFileSync(join(directory, "sample-data"), "");
    expect(wants({})).toBe(true);
    expect(wants({ SALLYPORT_DATA_DIR: directory })).toBe(true);
  });

  it("is not put into a directory or a database that the user chose, unless the user says so", () => {
    expect(wants({ SALLYPORT_DATA_DIR: directory })).toBe(false);
    expect(wants({ SALLYPORT_DATABASE_URL: "postgres://localhost/sallyport" })).toBe(false);
    expect(wants({ SALLYPORT_DATA_DIR: directory, SALLYPORT_SAMPLE_DATA: "1" })).toBe(true);
    expect(wants({ SALLYPORT_SAMPLE_DATA: "0" })).toBe(false);
  });
});

describe("what npm start says about signing in", () => {
  const words = (given) =>
    signInWords({
      hasSampleData: false,
      dataDirectory: directory,
      isTerminal: true,
      ...given,
    }).join("\n");

  it("names the sample's people where there is a sample", () => {
    expect(words({ hasSampleData: true })).toContain("sample-mica-passphrase");
  });

  it("asks for an account of one's own where there is an admin", () => {
    expect(words({})).toContain("Sign in with your own account");
  });

  it("does not ask for an account where there can be none: it shows the link for the first admin, or where that is", () => {
    writeFileSync(join(directory, "setup-link"), "http://localhost:5173/setup#token=abc\n");
    expect(words({})).toContain("http://localhost:5173/setup#token=abc");
    expect(words({})).not.toContain("your own account");
    expect(words({ isTerminal: false })).toContain(join(directory, "setup-link"));
    expect(words({ isTerminal: false })).not.toContain("token=abc");
  });
});

describe("a build", () => {
  it.each(["apps/api", "packages/shared"])("of %s leaves nothing of the one before", (place) => {
    const { build } = JSON.parse(readFileSync(join(root, place, "package.json"), "utf8")).scripts;
    mkdirSync(join(directory, "dist/old"), { recursive: true });
    writeFileSync(join(directory, "dist/old/gone.js"), "");
    spawnSync(build.split("&&")[0], {
      cwd: directory,
      shell: true,
      env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` },
    });
    expect(existsSync(join(directory, "dist"))).toBe(false);
  });
});

describe("the count of tests", () => {
  const report = (place, values) => {
    const full = {
      success: true,
      numTotalTests: 1,
      numPassedTests: 0,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [],
      ...values,
    };
    mkdirSync(join(directory, place, "node_modules"), { recursive: true });
    writeFileSync(join(directory, place, "node_modules/.test-report.json"), JSON.stringify(full));
  };
  beforeEach(() => {
    mkdirSync(join(directory, "packages"));
    mkdirSync(join(directory, "apps/api"), { recursive: true });
    writeFileSync(
      join(directory, "apps/api/package.json"),
      JSON.stringify({ scripts: { test: "vitest run" } }),
    );
    report(".", { numPassedTests: 2 });
  });

  it("adds up every package", () => {
    report("apps/api", {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 1,
      success: false,
    });
    expect(countTests(directory)).toMatchObject({
      passed: 5,
      failed: 1,
      skipped: 1,
      complaints: [],
    });
  });

  it("takes a missing report for a failure", () => {
    expect(countTests(directory)).toMatchObject({ passed: 2, failed: 1 });
  });

  it("takes a file that could not be loaded, and a run that broke outside its tests, for failures", () => {
    report("apps/api", {
      success: false,
      testResults: [
        { name: "a.test.ts", status: "failed", message: "SyntaxError", assertionResults: [] },
      ],
    });
    expect(countTests(directory)).toMatchObject({
      failed: 1,
      complaints: [expect.stringContaining("a.test.ts")],
    });
    report("apps/api", { success: false, numPassedTests: 4 });
    expect(countTests(directory)).toMatchObject({ passed: 6, failed: 1 });
  });
});

describe("bootstrap", () => {
  const bootstrap = (env) => {
    mkdirSync(join(directory, ".ci"), { recursive: true });
    copyFileSync(join(root, ".ci/bootstrap.mjs"), join(directory, ".ci/bootstrap.mjs"));
    copyFileSync(join(root, "package.json"), join(directory, "package.json"));
    return spawnSync(process.execPath, [join(directory, ".ci/bootstrap.mjs")], {
      env,
      encoding: "utf8",
    });
  };

  it("says what to install when npm is missing", () => {
    const result = bootstrap({ PATH: directory });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("npx was not found");
  });

  it("installs once, with the pnpm that package.json names, and then has nothing to do", () => {
    writeFileSync(program("npx"), `#!/bin/sh\nmkdir -p node_modules; echo "$@" >> calls\n`);
    expect(bootstrap({ PATH: `${directory}:${process.env.PATH}` }).status).toBe(0);
    expect(bootstrap({ PATH: `${directory}:${process.env.PATH}` })).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
    const calls = readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
    expect(calls).toEqual([
      expect.stringMatching(/^--yes pnpm@\d+\.\d+\.\d+ install --frozen-lockfile/),
    ]);
  });

  it("leaves the tree marked as not installed when the install breaks off", () => {
    const env = { PATH: `${directory}:${process.env.PATH}` };
    writeFileSync(program("npx"), "#!/bin/sh\necho the registry is away >&2; exit 7\n");
    expect(bootstrap(env)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the registry is away"),
    });
    expect(bootstrap(env).status).toBe(1);
  });
});
