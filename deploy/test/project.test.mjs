// What a project says of itself, in files that nothing else here runs: that they can be read, and
// name what there is.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { programForTest } from "../../.ci/programs.mjs";

const root = resolve(import.meta.dirname, "../..");
const nginx = programForTest("nginx");
const read = (...path) => readFileSync(join(root, ...path), "utf8");
const { version, packageManager } = JSON.parse(read("package.json"));

describe("one version", () => {
  it.each(["apps/api", "apps/web", "packages/shared"])("is that of %s", (directory) => {
    expect(JSON.parse(read(directory, "package.json")).version).toBe(version);
  });

  it("is that of the mock's document", () => {
    expect(read("packages/shared/src/mock/serve.ts")).toContain(`version: "${version}"`);
  });

  it("is in the changelog, below what is not released", () => {
    const titles = [...read("CHANGELOG.md").matchAll(/^## (\S+)/gm)].map(([, title]) => title);
    expect(titles.slice(0, 2)).toEqual(["Unreleased", version]);
  });
});

describe("the forms and the workflow", () => {
  it("run in CI what anybody runs", () => {
    const { jobs } = parse(read(".github/workflows/ci.yml"));
    expect(jobs.run.steps.at(-1)).toEqual({ run: "bash .ci/run" });
  });

  it.each(
    readdirSync(join(root, ".github/ISSUE_TEMPLATE")).filter((name) => name !== "config.yml"),
  )("%s asks for something, each thing under a name of its own", (name) => {
    const form = parse(read(".github/ISSUE_TEMPLATE", name));
    expect(form).toMatchObject({
      name: expect.any(String),
      description: expect.any(String),
    });
    const fields = form.body.filter(({ type }) => type !== "markdown");
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    for (const { attributes } of fields) expect(attributes.label).toEqual(expect.any(String));
    expect(fields.some(({ validations }) => validations?.required)).toBe(true);
  });
});

describe("the images", () => {
  /** Instructions with what belongs to them, in order; lines that go on are one. */
  const instructions = read("deploy/Dockerfile")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => /^([A-Z]+) (.+)$/.exec(line)?.slice(1));
  const of = (name) => instructions.filter((one) => one?.[0] === name).map((one) => one?.[1]);
  const stages = of("FROM").map((from) => / AS (\S+)$/.exec(from)?.[1]);
  const compose = parse(read("deploy/compose.yaml"));

  it("are written in instructions that Docker knows", () => {
    for (const instruction of instructions)
      expect([
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "ENV",
        "USER",
        "VOLUME",
        "EXPOSE",
        "HEALTHCHECK",
        "CMD",
      ]).toContain(instruction?.[0]);
    expect(() => JSON.parse(of("CMD")[0])).not.toThrow();
  });

  it("say whether they are well: each that runs, on the port that it listens on", () => {
    const checks = of("HEALTHCHECK").map((check) => JSON.parse(/CMD (\[.*\])$/.exec(check)[1]));
    expect(checks).toHaveLength(Object.keys(compose.services).length);
    for (const [index, port] of of("EXPOSE").entries())
      expect(checks[index].join(" ")).toContain(`http://127.0.0.1:${port}/`);
  });

  it("copy what is there, from stages that are there", () => {
    for (const copy of of("COPY")) {
      const [, stage, source] = /^(?:--from=(\S+) )?(\S+) \S+$/.exec(copy) ?? [];
      if (stage === undefined) expect(existsSync(join(root, source))).toBe(true);
      else expect(stages).toContain(stage);
    }
  });

  it("build with the package manager of the lockfile, and run as nobody in particular", () => {
    expect(of("RUN").join("\n")).toContain(packageManager);
    // Each stage that runs, which is every one but the first, names somebody who is not root.
    expect(of("USER")).toEqual(["nginx", "node"]);
  });

  it.runIf(nginx)(
    "serve the page by a configuration that nginx takes, on the port of the service",
    () => {
      const temporary = /(?<= )\/tmp(?=\/)/g;
      // To check it, nginx makes the folders that it names.
      const folder = mkdtempSync(join(tmpdir(), "sallyport-web-conf-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const configuration = read("deploy/web.conf");
      writeFileSync(join(folder, "nginx.conf"), configuration.replaceAll(temporary, folder));
      const { stderr, status } = spawnSync(nginx, ["-t", "-c", join(folder, "nginx.conf")], {
        encoding: "utf8",
      });
      expect({ stderr, status }).toMatchObject({ status: 0 });
      expect(new Set(readdirSync(folder))).toEqual(
        new Set([
          "nginx.conf",
          ...configuration.matchAll(/\/tmp\/([\w.-]+);/g).map(([, name]) => name),
        ]),
      );
      const [, port] = /listen (\d+);/.exec(configuration);
      expect(of("EXPOSE")).toContain(port);
      expect(compose.services.web.ports).toEqual([expect.stringMatching(`:${port}$`)]);
    },
  );

  it("are those that the services are made of, with settings that the API knows", () => {
    const settings = read("docs/configuration.md");
    for (const { build, environment = {} } of Object.values(compose.services)) {
      expect(existsSync(join(root, "deploy", build.context, build.dockerfile))).toBe(true);
      expect(stages).toContain(build.target);
      for (const name of Object.keys(environment)) expect(settings).toContain(`## ${name}\n`);
    }
    for (const { source } of compose.services.web.configs)
      expect(Object.keys(compose.configs)).toContain(source);
  });
});
