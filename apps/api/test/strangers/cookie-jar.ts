/**
 * What generated clients are given to call with: a browser's part, as far as cookies and the page's
 * origin go.
 */
export interface Jar {
  readonly fetch: typeof fetch;
  /** The header Cookie, for clients that take no `fetch` of their own. */
  cookies(): string;
  keep(headers: Headers): void;
}

export const webOrigin = "http://localhost:5173";

export const createJar = (): Jar => {
  const values = new Map<string, string>();
  const jar: Jar = {
    cookies: () => [...values].map(([name, value]) => `${name}=${value}`).join("; "),
    keep: (headers) => {
      for (const line of headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/;\s*max-age=0(?:;|$)/i.test(line)) values.delete(name);
        else values.set(name, value);
      }
    },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.headers.set("origin", webOrigin);
      if (values.size > 0) request.headers.set("cookie", jar.cookies());
      const response = await fetch(request);
      jar.keep(response.headers);
      return response;
    },
  };
  return jar;
};
