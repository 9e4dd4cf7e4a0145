/** What an installation tells about itself: its keys, its description, its health, its errors. */
import {
  AppError,
  explainCode,
  listProblems,
  renderProblem,
  renderProblems,
  type TokenCookies,
} from "@sallyport/shared/rules";
import { createOpenApiDocument } from "@sallyport/shared/openapi";
import { constant } from "../http/encode-answer.ts";
import type { Handlers } from "../http/endpoint.ts";
import type { Store } from "../database/store.ts";
import { jwksLifeSeconds, type SigningKeys } from "../tokens/signing-keys.ts";

export const createDiscoveryHandlers = (dependencies: {
  readonly store: Store;
  readonly keys: SigningKeys;
  readonly cookies: TokenCookies;
  readonly publicUrl: string;
  readonly version: string;
  readonly isShuttingDown: () => boolean;
}): Pick<
  Handlers,
  | "GET /.well-known/jwks.json"
  | "GET /openapi.json"
  | "GET /healthz"
  | "GET /readyz"
  | "GET /problems"
  | "GET /problems/:code"
> => {
  const { store, keys, cookies, publicUrl, version, isShuttingDown } = dependencies;
  // Made when it is first asked for: that takes longer than everything else that a start does.
  let document: ReturnType<typeof createOpenApiDocument> | undefined;
  let jwks:
    | { readonly of: unknown; readonly body: { keys: Record<string, unknown>[] } }
    | undefined;
  const problems = constant({ items: listProblems() });
  const explanations = new Map<string, ReturnType<typeof explainCode>>();
  return {
    "GET /.well-known/jwks.json": ({ ok }) => {
      const published = keys.jwks();
      if (jwks?.of !== published)
        jwks = { of: published, body: constant({ keys: [...published.keys] }) };
      return ok(200, jwks.body, {
        headers: { "Cache-Control": `public, max-age=${jwksLifeSeconds}` },
      });
    },
    "GET /openapi.json": ({ ok }) =>
      ok(
        200,
        (document ??= constant(
          createOpenApiDocument({
            serverUrl: publicUrl,
            version,
            accessCookie: cookies.accessName,
            refreshCookie: cookies.refreshName,
          }),
        )),
        {
          headers: { "Cache-Control": "no-cache" },
        },
      ),
    "GET /healthz": ({ ok }) => ok(200, { status: "ok" }),
    "GET /readyz": async ({ ok }) => {
      if (isShuttingDown())
        throw new AppError("busy", { detail: "Shutting down.", retryAfterSeconds: 5 });
      await store.check();
      return ok(200, { status: "ok" });
    },
    "GET /problems": ({ ok }) =>
      ok(200, problems, {
        page: () => renderProblems(problems.items),
        headers: { "Cache-Control": "public, max-age=3600" },
      }),
    "GET /problems/:code": ({ params: { code }, ok }) => {
      // Codes that there are not throw, so that only those of the catalogue are kept.
      const explanation = explanations.get(code) ?? constant(explainCode(code));
      explanations.set(code, explanation);
      return ok(200, explanation, {
        page: () => renderProblem(explanation),
        headers: { "Cache-Control": "public, max-age=3600" },
      });
    },
  };
};
