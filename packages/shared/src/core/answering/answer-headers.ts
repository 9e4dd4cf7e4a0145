import { exposedHeaders } from "./headers.ts";
import type { Origins } from "./origins.ts";

/** What every answer carries, whoever asked for whatever: a new object for each, to be added to. */
export const createAnswerHeaders = ({
  publicUrl,
  origins,
  noteUnlistedOrigin,
}: {
  readonly publicUrl: string;
  readonly origins: Origins;
  noteUnlistedOrigin(origin: string): void;
}): ((requestId: string, origin: string | undefined) => Record<string, string>) => {
  const fixedHeaders: Readonly<Record<string, string>> = {
    "Cache-Control": "no-store",
    "Content-Security-Policy":
      "default-src 'none'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "strict-origin",
    ...(publicUrl.startsWith("https://") && {
      "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    }),
    Vary: "Origin",
    "X-Content-Type-Options": "nosniff",
  };
  return (requestId, origin) => {
    const headers: Record<string, string> = { ...fixedHeaders, "X-Request-Id": requestId };
    if (origins.isAllowed(origin)) {
      headers["Access-Control-Allow-Origin"] = origin as string;
      headers["Access-Control-Allow-Credentials"] = "true";
      headers["Access-Control-Expose-Headers"] = exposedHeaders;
    } else if (origin !== undefined) noteUnlistedOrigin(origin);
    return headers;
  };
};
