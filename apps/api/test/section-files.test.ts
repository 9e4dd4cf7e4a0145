/** Sections as files, with the tool. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { everySection, type SectionDefinition } from "@sallyport/shared/contract";
import { addDataset } from "./dashboards.ts";
import { createTeamApp, type TeamApp } from "./team.ts";
import { signInForBody } from "./test-browser.ts";
import { createDirectory, run } from "./tool.ts";

const createApp = async (): Promise<TeamApp> => {
  const app = await createTeamApp();
  await addDataset(app, {
    name: "shops",
    columns: [{ name: "shop", label: "Shop", type: "text" }],
  });
  return app;
};

const shops: SectionDefinition = {
  slug: "shops",
  title: "Shops",
  description: "",
  icon: "layout-dashboard",
  position: 9,
  visibility: "restricted",
  panels: [
    { kind: "markdown", title: "About", width: 12, text: "# Shops" },
    {
      kind: "table",
      title: "All",
      width: 12,
      query: { dataset: "shops", select: [{ column: "shop" }] },
    },
  ],
};
const ships = { ...shops, slug: "ships", title: "Ships" };

/** Writes files into a directory of their own. @returns their paths, in order */
const write = (files: Record<string, unknown>): string[] => {
  const directory = createDirectory();
  return Object.entries(files).map(([name, content]) => {
    const file = join(directory, name);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  });
};
const sectionsOf = async ({ dependencies: { stores } }: TeamApp): Promise<unknown[]> => {
  const links = await stores.sections.listLinks([everySection]);
  const { sections } = await stores.sections.find(
    links.map(({ slug }) => slug),
    [],
  );
  return [...sections.values()];
};

describe("sections export", () => {
  it("writes one section to standard output or to a file, as the API gives it", async () => {
    const app = await createApp();
    const mica = await signInForBody(app, "mica");
    const created = await mica.send("PUT", "/sections/shops/definition", { body: shops });
    const { code, stdout, stderr } = await run(app.dataDirectory, ["sections", "export", "shops"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual(created.body);
    const file = join(createDirectory(), "shops.json");
    expect(await run(app.dataDirectory, ["sections", "export", "shops", "--output", file])).toEqual(
      { code: 0, stdout: "", stderr: "" },
    );
    expect(readFileSync(file, "utf8")).toBe(stdout);
  });

  it("writes every section to a directory, from which all are as they were", async () => {
    const app = await createApp();
    const directory = join(createDirectory(), "new", "sections");
    const exported = await run(app.dataDirectory, [
      "sections",
      "export",
      "--all",
      "--output",
      directory,
    ]);
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    const files = readdirSync(directory).toSorted();
    expect(files).toEqual(["finance.json", "marketing.json", "welcome.json"]);
    const before = await sectionsOf(app);
    const imported = await run(app.dataDirectory, [
      "sections",
      "import",
      ...files.map((file) => join(directory, file)),
    ]);
    expect(imported).toEqual({
      code: 0,
      stdout: files
        .map((file) => `Section ${file.replace(".json", "")} is as in the file.\n`)
        .join(""),
      stderr: "",
    });
    expect(await sectionsOf(app)).toEqual(before);
  });

  it("says what is missing", async () => {
    const app = await createApp();
    const outcomes = await Promise.all([
      run(app.dataDirectory, ["sections", "export"]),
      run(app.dataDirectory, ["sections", "export", "--all"]),
      run(app.dataDirectory, ["sections", "export", "nowhere"]),
      run(app.dataDirectory, [
        "sections",
        "export",
        "finance",
        "--output",
        join(app.dataDirectory, "missing", "file"),
      ]),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(outcomes.map(({ stderr }) => stderr.split("\n")[0])).toEqual([
      expect.stringMatching(/^Name one section, or every one and where/),
      expect.stringMatching(/^Name one section, or every one and where/),
      "Section nowhere does not exist.",
      expect.stringMatching(/missing\/file: cannot be written \(ENOENT/),
    ]);
  });
});

describe("sections import", () => {
  it("creates and replaces sections from files and from standard input, and says which", async () => {
    const app = await createApp();
    const [file = ""] = write({ "shops.json": shops });
    expect(await run(app.dataDirectory, ["sections", "import", file])).toEqual({
      code: 0,
      stdout: "Section shops created.\n",
      stderr: "",
    });
    const input = JSON.stringify({ ...shops, title: "Other" });
    expect(await run(app.dataDirectory, ["sections", "import", "-"], { input })).toEqual({
      code: 0,
      stdout: "Section shops replaced.\n",
      stderr: "",
    });
    const mica = await signInForBody(app, "mica");
    expect((await mica.send("GET", "/sections/shops")).body["title"]).toBe("Other");
    const events = app.auditEvents("section.create", "section.replace");
    expect(events.map(({ detail }) => detail)).toMatchObject([
      { by: "command line", before: null, after: { title: "Shops" } },
      { by: "command line", before: { title: "Shops" }, after: { title: "Other" } },
    ]);
  });

  it("names every mistake by file and pointer, and then changes nothing", async () => {
    const app = await createApp();
    const before = await sectionsOf(app);
    const files = write({
      "good.json": ships,
      "broken.json": '{ "slug": ',
      "schema.json": { slug: "a", title: "", panels: [{ kind: "pie" }] },
      "dataset.json": {
        ...shops,
        panels: [
          shops.panels[0],
          {
            kind: "table",
            title: "All",
            width: 12,
            query: { dataset: "missing", select: [{ column: "shop" }] },
          },
        ],
      },
      "twice.json": ships,
    });
    const { code, stdout, stderr } = await run(app.dataDirectory, ["sections", "import", ...files]);
    expect([code, stdout]).toEqual([1, ""]);
    const complaints = stderr.trimEnd().split("\n");
    expect(complaints.map((line) => line.split("/").slice(-1)[0])).toHaveLength(complaints.length);
    expect(complaints).toEqual([
      expect.stringMatching(/broken\.json: not JSON \(/),
      expect.stringMatching(/schema\.json: \/title: /),
      expect.stringMatching(/schema\.json: \/panels\/0\/kind: /),
      expect.stringMatching(/dataset\.json: \/panels\/1\/query\/dataset: /),
      expect.stringMatching(
        /twice\.json: \/slug: Another of these files is the section "ships" already\./,
      ),
      "Nothing was changed.",
    ]);
    expect(await sectionsOf(app)).toEqual(before);
  });

  it("reads files as they come from other systems, and says which one is not there", async () => {
    const app = await createApp();
    const [file = ""] = write({ "shops.json": `\uFEFF${JSON.stringify(shops)}\r\n` });
    expect((await run(app.dataDirectory, ["sections", "import", file])).code).toBe(0);
    const directory = createDirectory();
    mkdirSync(join(directory, "folder"));
    for (const name of ["nowhere.json", "folder"]) {
      const { code, stderr } = await run(app.dataDirectory, [
        "sections",
        "import",
        join(directory, name),
      ]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`${name}: cannot be read (`)]);
    }
  });

  it("only checks when asked to", async () => {
    const app = await createApp();
    const before = await sectionsOf(app);
    const [file = ""] = write({ "shops.json": shops });
    expect(await run(app.dataDirectory, ["sections", "import", "--dry-run", file])).toEqual({
      code: 0,
      stdout: "Section shops would be created.\nNothing was changed.\n",
      stderr: "",
    });
    expect(await sectionsOf(app)).toEqual(before);
    const [wrong = ""] = write({ "wrong.json": { ...shops, title: "" } });
    expect((await run(app.dataDirectory, ["sections", "import", "--dry-run", wrong])).code).toBe(1);
  });
});

describe("sections schema", () => {
  it("writes the JSON Schema that is in docs", async () => {
    const { code, stdout } = await run(createDirectory(), ["sections", "schema"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(
        readFileSync(new URL("../../../docs/section.schema.json", import.meta.url), "utf8"),
      ),
    );
  });
});
