import { addressesOf } from "./addresses.ts";
import { AppError } from "./errors.ts";
import { noCookies, type GivenAnswer } from "./given-answer.ts";
import { allowedHeaders } from "./headers.ts";
import type { Origins } from "./origins.ts";
import type { ReceivedRequest } from "./read-request.ts";

/**
 * Answers what no endpoint does: preflights, wrong methods, unknown addresses.
 * @param keys of all endpoints
 */
export const createAnswerOtherwise = (
  keys: Parameters<typeof addressesOf>[0],
  origins: Origins,
  headersOf: (request: ReceivedRequest) => Record<string, string>,
  fail: (request: ReceivedRequest, error: AppError) => GivenAnswer,
): ((request: ReceivedRequest) => GivenAnswer) => {
  // One list, for all methods that an address does not take.
  const addresses = addressesOf(keys);
  return (request) => {
    const { method, path } = request;
    // Preflights name fixed headers and methods: nothing that the request asks for is parsed or
    // reflected.
    if (method === "OPTIONS")
      return origins.isAllowed(request.header("origin"))
        ? {
            status: 204,
            headers: {
              ...headersOf(request),
              "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
              "Access-Control-Allow-Headers": allowedHeaders,
              "Access-Control-Max-Age": "600",
            },
            cookies: noCookies,
            body: null,
          }
        : fail(request, new AppError("origin_forbidden"));
    // For crawlers, in the only form that they read: nothing here is for them.
    if (path === "/robots.txt" && (method === "GET" || method === "HEAD"))
      return {
        status: 200,
        headers: { ...headersOf(request), "Content-Type": "text/plain; charset=utf-8" },
        cookies: noCookies,
        body: "User-agent: *\nDisallow: /\n",
      };
    const known = addresses.find(({ pattern }) => pattern.test(path));
    return fail(
      request,
      known
        ? new AppError("method_not_allowed", {
            detail: `${known.path} answers ${known.allow}.`,
            headers: { Allow: known.allow },
          })
        : new AppError("not_found", { detail: "Nothing is at this address." }),
    );
  };
};
