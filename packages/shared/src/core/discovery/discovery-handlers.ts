/** What an installation tells about itself. */
import type { discoveryEndpoints } from "../../contract/discovery.ts";
import type { createOpenApiDocument } from "../../contract/openapi.ts";
import type { TokenCookies } from "../answering/cookies.ts";
import { constant } from "../answering/encode-answer.ts";
import type { Handlers } from "../answering/endpoint.ts";
import { AppError } from "../answering/errors.ts";
import { explainCode } from "../answering/problem.ts";
import { listProblems, renderProblem, renderProblems } from "../answering/problem-pages.ts";
import type { InstallationStore } from "../installation/installation-store.ts";

export interface PublishedKeys {
  /**
   * The public halves of the keys that others verify with (RFC 7517). The same object as long as
   * they are the same.
   */
  jwks(): { readonly keys: readonly Record<string, unknown>[] };
  /** How long anybody may rely on them, in seconds. */
  readonly lifeSeconds: number;
}

interface Dependencies {
  readonly stores: { readonly installation: InstallationStore };
  readonly keys: PublishedKeys;
  readonly cookies: TokenCookies;
  readonly publicUrl: string;
  readonly version: string;
  /** From then on whoever asks is to go elsewhere. */
  readonly isShuttingDown: () => boolean;
}

export const createDiscoveryHandlers = ({
  stores,
  keys,
  cookies,
  publicUrl,
  version,
  isShuttingDown,
}: Dependencies): Pick<Handlers, keyof typeof discoveryEndpoints> => {
  // Made when it is first asked for: that takes longer than everything else that a start does. Its
  // code is fetched then too, since a page with the mock hardly ever asks.
  let document: Promise<ReturnType<typeof createOpenApiDocument>> | undefined;
  const makeDocument = async (): Promise<ReturnType<typeof createOpenApiDocument>> =>
    constant(
      (await import("../../contract/openapi.ts")).createOpenApiDocument({
        serverUrl: publicUrl,
        version,
        accessCookie: cookies.accessName,
        refreshCookie: cookies.refreshName,
      }),
    );
  // What could not be fetched is fetched anew for whoever asks next.
  const readDocument = (): NonNullable<typeof document> =>
    (document ??= makeDocument().catch((error: unknown) => {
      document = undefined;
      throw error;
    }));
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
        headers: { "Cache-Control": `public, max-age=${keys.lifeSeconds}` },
      });
    },
    "GET /openapi.json": async ({ ok }) =>
      ok(200, await readDocument(), { headers: { "Cache-Control": "no-cache" } }),
    "GET /healthz": ({ ok }) => ok(200, { status: "ok" }),
    "GET /readyz": async ({ ok }) => {
      if (isShuttingDown())
        throw new AppError("busy", { detail: "Shutting down.", retryAfterSeconds: 5 });
      await stores.installation.check();
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
