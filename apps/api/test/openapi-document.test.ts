/** What `/openapi.json` says, held to what generators and validators read of it. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, it } from "vitest";
import {
  contract,
  errorCatalogue,
  errorsOf,
  methodOf,
  pathOf,
  type ContractKey,
  type Endpoint,
} from "@sallyport/shared/contract";
import { createTestApp, type TestApp } from "./test-app.ts";
import { request } from "./test-browser.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Members = Record<string, Json>;
interface Content {
  readonly schema: Members;
  readonly example?: Json;
  readonly examples?: Record<string, { $ref: string }>;
}
interface Response {
  readonly headers: Record<string, unknown>;
  readonly content?: Record<string, Content>;
}
interface Operation {
  readonly operationId: string;
  readonly tags: string[];
  readonly security: Record<string, string[]>[];
  readonly parameters?: { in: string; name: string; required?: boolean; example?: Json }[];
  readonly requestBody?: { readonly content: Record<string, Content> };
  readonly responses: Record<string, Response>;
  readonly "x-codeSamples": { readonly lang: string; readonly source: string }[];
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly tags: { name: string; description: string }[];
  readonly components: {
    readonly schemas: Record<string, Members>;
    readonly examples: Record<string, { value: Json }>;
    readonly securitySchemes: Record<string, Members>;
  };
}

const keys = Object.keys(contract) as ContractKey[];
const placeOf = (key: ContractKey): [string, string] => [
  pathOf(key).replaceAll(/:([A-Za-z]+)/g, "{$1}"),
  methodOf(key).toLowerCase(),
];

let app: TestApp;
let document: Document;
let ajv: Ajv2020;
beforeAll(async () => {
  app = await createTestApp();
  document = (await (await app.app.request("/openapi.json")).json()) as Document;
  ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, "document:");
  return () => app.close();
});

const operationOf = (key: ContractKey): Operation => {
  const [path, method] = placeOf(key);
  return document.paths[path]?.[method] as Operation;
};

/** What a schema at this place of the document finds wrong with a value. */
const complaints = (place: readonly string[], value: unknown): string | null => {
  const pointer = place.map((step) => step.replaceAll("~", "~0").replaceAll("/", "~1")).join("/");
  const fits = ajv.compile({ $ref: `document:#/${encodeURI(pointer)}` });
  return fits(value) ? null : ajv.errorsText(fits.errors);
};

/** Every object within the document. */
const walk = (value: Json, visit: (members: Members) => void): void => {
  if (Array.isArray(value)) for (const one of value) walk(one, visit);
  else if (typeof value === "object" && value !== null) {
    visit(value);
    for (const inner of Object.values(value)) walk(inner, visit);
  }
};
const allSchemas = (): Json => {
  const found: Json[] = [document.components.schemas];
  for (const methods of Object.values(document.paths))
    for (const { parameters, requestBody, responses } of Object.values(methods))
      found.push(
        parameters ?? [],
        ...[requestBody, ...Object.values(responses)].flatMap((part) =>
          Object.values(part?.content ?? {}).map(({ schema }) => schema),
        ),
      );
  return found;
};

describe.each(keys)("%s", (key) => {
  const [path, method] = placeOf(key);
  const definition: Endpoint = contract[key];

  it("has an example of its request, which fits", () => {
    const { parameters = [], requestBody } = operationOf(key);
    for (const [index, parameter] of parameters.entries()) {
      if (parameter.required) expect(parameter).toHaveProperty("example");
      if (parameter.example !== undefined)
        expect(
          complaints(
            ["paths", path, method, "parameters", String(index), "schema"],
            parameter.example,
          ),
        ).toBeNull();
    }
    expect(requestBody === undefined).toBe(
      definition.body === undefined && definition.upload === undefined,
    );
    for (const [type, { example }] of Object.entries(requestBody?.content ?? {})) {
      expect([type, example]).not.toEqual([type, undefined]);
      expect(
        complaints(["paths", path, method, "requestBody", "content", type, "schema"], example),
      ).toBeNull();
    }
  });

  it("has an example of each response and of each problem, which fit", () => {
    for (const [status, { content = {} }] of Object.entries(operationOf(key).responses))
      for (const [type, { example, examples }] of Object.entries(content)) {
        const values =
          examples === undefined
            ? [example]
            : Object.keys(examples).map((code) => document.components.examples[code]?.value);
        expect(values).not.toContain(undefined);
        for (const value of values)
          expect([
            status,
            complaints(
              ["paths", path, method, "responses", status, "content", type, "schema"],
              value,
            ),
          ]).toEqual([status, null]);
      }
  });

  it("names for each status the codes that it may give there, and no others", () => {
    const byStatus = Object.groupBy(errorsOf(key, definition), (code) =>
      String(errorCatalogue[code].status),
    );
    const found = Object.fromEntries(
      Object.entries(operationOf(key).responses).flatMap(([status, { content }]) => {
        const schema = content?.["application/problem+json"]?.schema;
        if (schema === undefined) return [];
        const forms = (schema["oneOf"] ?? [schema]) as { $ref: string }[];
        const codes = forms.map(({ $ref }) => {
          const form = document.components.schemas[$ref.split("/").at(-1) ?? ""] as {
            properties: { code: { const: string }; status: { const: number } };
          };
          expect(String(form.properties.status.const)).toBe(status);
          return form.properties.code.const;
        });
        return [[status, codes]];
      }),
    );
    expect(found).toEqual(byStatus);
  });

  it("declares headers that answers carry, and a tag that is explained", () => {
    const { responses, tags } = operationOf(key);
    for (const { headers } of Object.values(responses))
      expect(Object.keys(headers)).toEqual(expect.arrayContaining(["X-Request-Id"]));
    for (const tag of tags)
      expect(document.tags.find(({ name }) => name === tag)?.description).toMatch(/\.$/);
  });
});

describe("the document", () => {
  it("says how each kind of client authenticates, in the places that generators read", () => {
    const security = (key: ContractKey): unknown => operationOf(key).security;
    expect(security("GET /session")).toEqual([{ bearer: [] }, { accessCookie: [] }]);
    expect(security("POST /datasets")).toEqual([
      { bearer: [] },
      { accessCookie: [], csrfToken: [] },
    ]);
    expect(security("GET /sections/:slug")).toEqual([{ bearer: [] }, { accessCookie: [] }, {}]);
    expect(security("POST /login")).toEqual([{ basic: [] }, {}]);
    expect(security("POST /refresh")).toEqual([{ refreshCookie: [] }, {}]);
    expect(security("POST /logout")).toEqual([
      { bearer: [] },
      { refreshCookie: [] },
      { accessCookie: [] },
      {},
    ]);
    const named = new Set(keys.flatMap((key) => operationOf(key).security).flatMap(Object.keys));
    expect([...named].sort()).toEqual(Object.keys(document.components.securitySchemes).sort());
    for (const key of keys)
      for (const { in: place, name } of operationOf(key).parameters ?? [])
        if (place === "header")
          expect(name).not.toMatch(/^(?:accept|authorization|content-type|x-csrf-token|cookie)$/i);
  });

  it("has patterns that need no flag, which JSON Schema has no place for", () => {
    let count = 0;
    walk(allSchemas(), ({ pattern }) => {
      if (typeof pattern !== "string") return;
      count += 1;
      expect(pattern).not.toMatch(/\\\/|\\[pP]\{|\(\?[a-z]|\\u\{/);
      for (const flags of ["", "u"]) expect(() => new RegExp(pattern, flags)).not.toThrow();
    });
    expect(count).toBeGreaterThan(10);
  });

  it("takes rows in JSON for objects, and nothing for what only the server may write", () => {
    const rows = operationOf("POST /datasets/:name/rows").requestBody?.content["application/json"];
    expect(rows?.schema).toEqual({ $ref: "#/components/schemas/Rows" });
    expect(document.components.schemas["Rows"]).toMatchObject({
      type: "array",
      items: { type: "object" },
    });
    walk(allSchemas(), (members) => expect(members["readOnly"]).toBeUndefined());
  });

  it("describes the definitions that the API gives out so that they fit", async () => {
    const { body: session } = await request(app, "POST", "/login", {
      body: { username: "mica", password: "sample-mica-passphrase", delivery: "body" },
    });
    const read = async (address: string): Promise<unknown> =>
      (
        await request(app, "GET", address, {
          headers: { authorization: `Bearer ${session.accessToken}` },
        })
      ).body;
    const { items } = (await read("/sections?scope=all")) as { items: { slug: string }[] };
    expect(items.length).toBeGreaterThan(4);
    for (const { slug } of items) {
      const definition = await read(`/sections/${slug}/definition`);
      for (const [of, status] of [
        ["get", "200"],
        ["put", "201"],
      ] as const)
        expect(
          complaints(
            [
              "paths",
              "/sections/{slug}/definition",
              of,
              "responses",
              status,
              "content",
              "application/json",
              "schema",
            ],
            definition,
          ),
        ).toBeNull();
      expect(complaints(["components", "schemas", "SectionDefinition"], definition)).toBeNull();
    }
  });
});
