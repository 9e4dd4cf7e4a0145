/** The sample's sections, as people get them. */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sectionDefinition, type Panel, type Section } from "@sallyport/shared/contract";
import { createSectionSchema } from "@sallyport/shared/section-schema";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { createTestApp, type TestApp } from "./test-app.ts";
import { request } from "./test-browser.ts";

const folder = new URL("../../../packages/shared/src/sample/sections/", import.meta.url);
const files = readdirSync(folder);
const readFile = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8"));

describe.each(files)("%s", (file) => {
  it("is a section by the published JSON Schema, which it names where it lies", () => {
    const validate = new Ajv2020({
      strict: true,
      allErrors: true,
      allowUnionTypes: true,
      validateFormats: false,
    }).compile(createSectionSchema("https://example.com/section.json"));
    const value = readFile(file);
    validate(value);
    expect(validate.errors).toBeNull();
    const { $schema = "", slug } = sectionDefinition.parse(value);
    expect(file).toBe(`${slug}.json`);
    expect(
      JSON.parse(readFileSync(new URL($schema, new URL(file, folder)), "utf8")),
    ).toHaveProperty("$defs.SectionDefinition");
  });

  it("fills the rows of its grid", () => {
    let filled = 0;
    for (const { width, title } of sectionDefinition.parse(readFile(file)).panels) {
      expect([title, filled + width]).toEqual([title, Math.min(filled + width, 12)]);
      filled = (filled + width) % 12;
    }
    expect(filled).toBe(0);
  });
});

describe("a sample section", () => {
  let app: TestApp;
  let authorization: string;
  beforeAll(async () => {
    app = await createTestApp();
    const { body } = await request(app, "POST", "/login", {
      body: { username: "mica", password: samplePasswordOf("mica"), delivery: "body" },
    });
    authorization = `Bearer ${body.accessToken}`;
  });
  afterAll(() => app.close());

  const panelsOf = async (slug: string, query = ""): Promise<readonly Panel[]> => {
    const { status, body } = await request(app, "GET", `/sections/${slug}?include=data${query}`, {
      headers: { authorization },
    });
    expect(status).toBe(200);
    return (body as unknown as Section).panels;
  };

  it("is answered as a file by the schemas that this very API publishes, and taken back", async () => {
    const published = (await request(app, "GET", "/openapi.json")).body;
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(published, "openapi");
    const accepts = [
      ajv.compile({
        $ref: "openapi#/paths/~1sections~1{slug}~1definition/get/responses/200/content/application~1json/schema",
      }),
      ajv.compile((await request(app, "GET", "/schemas/section.json")).body),
    ];
    for (const file of files) {
      const path = `/sections/${file.replace(".json", "")}/definition`;
      const { body } = await request(app, "GET", path, { headers: { authorization } });
      for (const validate of accepts) {
        validate(body);
        expect([file, validate.errors]).toEqual([file, null]);
      }
      const headers = { authorization, "if-match": "*" };
      const { status } = await request(app, "PUT", path, { headers, body });
      expect([file, status]).toEqual([file, 200]);
    }
  });

  it.each(files.map((file) => file.replace(".json", "")))(
    "%s begins with words, goes on with figures that can be compared, and every panel answers",
    async (slug) => {
      const panels = await panelsOf(slug);
      expect(panels[0]?.kind).toBe("markdown");
      const metrics = panels.filter((panel) => panel.kind === "metric");
      expect(metrics.length).toBeGreaterThanOrEqual(3);
      for (const { title, data } of metrics) {
        expect([title, data?.rows.length]).toEqual([title, 1]);
        expect([title, data?.rows[0]]).toEqual([title, [expect.any(Number), expect.any(Number)]]);
        expect([title, (data?.trend?.rows.length ?? 0) > 4]).toEqual([title, true]);
      }
      for (const panel of panels) {
        if (!("followsRange" in panel)) continue;
        expect([panel.title, panel.error]).toEqual([panel.title, undefined]);
        expect(panel.attribution?.length).toBeGreaterThan(20);
        if (panel.kind !== "metric")
          expect([panel.title, (panel.data?.rows.length ?? 0) >= 4]).toEqual([panel.title, true]);
      }
      expect(app.faults).toEqual([]);
    },
  );

  it.each(["all", "P1Y", "P30D"])("answers for the range %s as well", async (last) => {
    for (const file of files)
      for (const panel of await panelsOf(file.replace(".json", ""), `&last=${last}`))
        expect([panel.title, "error" in panel]).toEqual([panel.title, false]);
  });
});
