import * as z from "zod";
import { expect, test } from "vitest";
import { codeSamplesOf } from "./code-samples.ts";
import type { ContractKey } from "./contract.ts";
import { endpoint } from "./define-endpoint.ts";
import { session } from "./session.ts";

test("What answers a change with the session is called so that the client takes it over", () => {
  const rename = endpoint({
    summary: "Change the name that is shown",
    tag: "Account",
    access: "signed-in",
    body: z.strictObject({ name: z.string() }),
    responses: { 200: session },
    errors: [],
  });
  const lines = codeSamplesOf("https://api.example.com", "PUT /name" as ContractKey, rename, {
    body: { name: "Ada" },
  });
  expect(lines.map(({ source }) => source)).toEqual([
    `curl -X PUT 'https://api.example.com/name' -H "Authorization: Bearer $ACCESS_TOKEN" -H 'Content-Type: application/json' -d '{"name":"Ada"}'`,
    'await client.changeSession("PUT /name", { body: { name: "Ada" } });',
  ]);
});
