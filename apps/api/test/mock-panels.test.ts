/**
 * The mock's sections beside the server's, on the same rows: what a page is shown has to be the
 * same.
 */
import type { Session } from "@sallyport/shared/contract";
import { createMockApi, type MockApi } from "@sallyport/shared/mock";
import { readSampleSections, sampleDatasets, samplePasswordOf } from "@sallyport/shared/sample";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRows } from "./dashboards.ts";
import { createTestApp, type TestApp } from "./test-app.ts";
import { request } from "./test-browser.ts";
import { withoutMadeUp } from "./without-made-up.ts";

/** So many rows of a dataset are enough. */
const mostRows = 6_000;
const credentials = { username: "mica", password: samplePasswordOf("mica"), delivery: "body" };

let app: TestApp;
let mock: MockApi;
let authorization: string;
let mockAuthorization: string;

beforeAll(async () => {
  app = await createTestApp();
  mock = createMockApi({ baseUrl: "https://api.example.com", clock: app.clock.now });
  authorization = `Bearer ${(await request(app, "POST", "/login", { body: credentials })).body.accessToken}`;
  const response = await mock.fetch("/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(credentials),
  });
  mockAuthorization = `Bearer ${((await response.json()) as Session).accessToken}`;
  for (const { name, columns } of sampleDatasets) {
    const stored = await readRows(app, name, mostRows);
    const rows = JSON.stringify(
      stored.map((row) =>
        Object.fromEntries(columns.map((column, index) => [column.name, row[index]])),
      ),
    );
    const path = `/datasets/${name}/rows`;
    const json = { "content-type": "application/json" };
    const [server, mocked] = [
      await request(app, "PUT", path, { headers: { authorization, ...json }, body: rows }),
      await mock.fetch(path, {
        method: "PUT",
        headers: { authorization: mockAuthorization, ...json },
        body: rows,
      }),
    ];
    if (server.status !== 200 || mocked.status !== 200)
      throw new Error(`The rows of ${name} were not taken`);
  }
});
afterAll(() => {
  mock.dispose();
  return app.close();
});

/**
 * Sums of the same numbers in another order differ in their last digits; ids and where rows come
 * from are each one's own.
 */
const comparable = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body), (key, value: unknown) => {
    if (key === "id" || key === "attribution" || key === "requestId") return null;
    if (typeof value === "string") return withoutMadeUp(value);
    return typeof value === "number" ? Number(value.toPrecision(9)) : value;
  });

describe.each(readSampleSections().map(({ slug }) => slug))("the section %s", (slug) => {
  it.each([
    "",
    "&last=all",
    "&last=P1Y",
    "&last=P90D",
    "&last=PT48H",
    "&from=2001-02-01&to=2001-03-01",
    "&from=2003-01-01T06:00:00Z&to=2009-06-15T18:30:00%2B02:00",
    "&to=2005-01-01",
  ])("is the same on the mock, with the range %j", async (range) => {
    const path = `/sections/${slug}?include=data${range}`;
    const { status, body } = await request(app, "GET", path, { headers: { authorization } });
    expect(status).toBe(200);
    const answer = await mock.fetch(path, { headers: { authorization: mockAuthorization } });
    expect(comparable(await answer.json())).toEqual(comparable(body));
  });
});
