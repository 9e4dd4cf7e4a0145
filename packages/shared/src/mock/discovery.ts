/** What an installation tells about itself. */
import { createOpenApiDocument } from "../contract/openapi.ts";
import { explainCode, listProblems, renderProblem, renderProblems } from "../rules/rules.ts";
import type { MockHandlers } from "./endpoint.ts";
import type { World } from "./world.ts";

export const createDiscoveryHandlers = ({
  publicUrl,
  cookies,
}: World): Pick<
  MockHandlers,
  | "GET /.well-known/jwks.json"
  | "GET /openapi.json"
  | "GET /healthz"
  | "GET /readyz"
  | "GET /problems"
  | "GET /problems/:code"
> => {
  let document: Record<string, unknown> | undefined;
  return {
    // Nothing is signed, so there is no key.
    "GET /.well-known/jwks.json": ({ ok }) =>
      ok(200, { keys: [] }, { headers: { "Cache-Control": "public, max-age=300" } }),
    "GET /openapi.json": ({ ok }) => {
      document ??= createOpenApiDocument({
        serverUrl: publicUrl,
        version: "0.1.0",
        accessCookie: cookies.accessName,
        refreshCookie: cookies.refreshName,
      });
      return ok(200, document, { headers: { "Cache-Control": "no-cache" } });
    },
    "GET /healthz": ({ ok }) => ok(200, { status: "ok" }),
    "GET /readyz": ({ ok }) => ok(200, { status: "ok" }),
    "GET /problems": ({ ok }) => {
      const items = listProblems();
      return ok(
        200,
        { items },
        {
          page: () => renderProblems(items),
          headers: { "Cache-Control": "public, max-age=3600" },
        },
      );
    },
    "GET /problems/:code": ({ params, ok }) => {
      const explanation = explainCode(params.code);
      return ok(200, explanation, {
        page: () => renderProblem(explanation),
        headers: { "Cache-Control": "public, max-age=3600" },
      });
    },
  };
};
