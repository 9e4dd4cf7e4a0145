import type { discoveryEndpoints } from "../contract/discovery.ts";
import { contract, errorCatalogue } from "../contract/contract.ts";
import { expectOutcome } from "./ask.ts";
import type { BehaviourTable } from "./behaviour.ts";
import { holds, includes, same } from "./differences.ts";
import { showBusy } from "./show-busy.ts";
import { showUnchanged } from "./show-unchanged.ts";

const nothing = (): Promise<object> => Promise.resolve({});

export const discoveryBehaviours: Pick<BehaviourTable, keyof typeof discoveryEndpoints> = {
  "GET /.well-known/jwks.json": {
    request: {},
    succeeds: {
      200: {
        name: "publishes the public halves of the signing keys, and nothing private",
        run: async (subject) => {
          const { body } = await expectOutcome(subject, 200, "GET /.well-known/jwks.json");
          const { keys } = body as { keys: Record<string, unknown>[] };
          for (const key of keys) {
            includes(key, { kty: "OKP", crv: "Ed25519", use: "sig" }, "a key");
            holds(
              typeof key["kid"] === "string" && typeof key["x"] === "string" && !("d" in key),
              "a key has no name, no value, or a private half",
            );
          }
        },
      },
    },
    unchanged: showUnchanged("GET /.well-known/jwks.json"),
    fails: {},
  },
  "GET /openapi.json": {
    request: {},
    succeeds: {
      200: {
        name: "describes every endpoint of the contract",
        run: async (subject) => {
          const { body } = await expectOutcome(subject, 200, "GET /openapi.json");
          const { openapi, paths } = body as {
            openapi: string;
            paths: Record<string, Record<string, unknown>>;
          };
          holds(openapi.startsWith("3.1."), `it is OpenAPI ${openapi}`);
          const described = Object.entries(paths).flatMap(([path, methods]) =>
            Object.keys(methods).map(
              (method) => `${method.toUpperCase()} ${path.replaceAll(/\{([A-Za-z]+)\}/g, ":$1")}`,
            ),
          );
          same(described.toSorted(), Object.keys(contract).toSorted(), "the endpoints");
        },
      },
    },
    unchanged: showUnchanged("GET /openapi.json"),
    fails: {},
  },
  "GET /healthz": {
    request: {},
    succeeds: {
      200: {
        name: "says that the process is alive",
        run: async (subject) => {
          same(
            (await expectOutcome(subject, 200, "GET /healthz")).body,
            { status: "ok" },
            "what it says",
          );
        },
      },
    },
    fails: {},
  },
  "GET /readyz": {
    request: {},
    succeeds: {
      200: {
        name: "says that it can serve",
        run: async (subject) => {
          same(
            (await expectOutcome(subject, 200, "GET /readyz")).body,
            { status: "ok" },
            "what it says",
          );
        },
      },
    },
    fails: { busy: showBusy("GET /readyz", nothing) },
  },
  "GET /problems": {
    request: {},
    succeeds: {
      200: {
        name: "lists every error code, and is a page to a browser",
        run: async (subject) => {
          const { body } = await expectOutcome(subject, 200, "GET /problems");
          const { items } = body as { items: { code: string; status: number }[] };
          same(
            items.map(({ code }) => code).toSorted(),
            Object.keys(errorCatalogue).toSorted(),
            "the codes",
          );
          for (const [path, wanted] of [
            ["/problems", /<a href="problems\/refresh_conflict">/],
            ["/problems/refresh_conflict", /<h1>Another refresh came first<\/h1>/],
          ] as const) {
            const page = await subject.fetch(path, {
              headers: {
                accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
              },
            });
            same(page.headers.get("content-type"), "text/html; charset=utf-8", `${path}: its type`);
            const again = await subject.fetch(path, {
              headers: { "if-none-match": page.headers.get("etag") ?? "" },
            });
            same(again.status, 200, `${path}: the JSON, to the tag of the page`);
            holds(
              wanted.test(await page.text()),
              `${path}: the page does not say ${wanted.source}`,
            );
          }
        },
      },
    },
    fails: {},
  },
  "GET /problems/:code": {
    request: { params: { code: "forbidden" } },
    wrong: { params: { code: "x".repeat(65) }, pointer: "/params/code" },
    succeeds: {
      200: {
        name: "explains every error code",
        run: async (subject) => {
          for (const [code, { status, title, help }] of Object.entries(errorCatalogue))
            same(
              (await expectOutcome(subject, 200, "GET /problems/:code", { params: { code } })).body,
              { code, status, title, help },
              code,
            );
        },
      },
    },
    unchanged: showUnchanged("GET /problems/:code", {
      params: { code: "forbidden" },
    }),
    fails: {
      not_found: {
        name: "knows no other code",
        run: async (subject) => {
          for (const code of ["nonsense", "toString", "__proto__"])
            await expectOutcome(subject, "not_found", "GET /problems/:code", { params: { code } });
        },
      },
    },
  },
};
