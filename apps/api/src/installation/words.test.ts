import { describe, expect, it } from "vitest";
import { parseConfig } from "../config.ts";
import { describeInstallation } from "./words.ts";

const linesOf = (environment: Record<string, string> = {}): string[] =>
  describeInstallation(parseConfig(environment)).map(({ level, text }) => `${level} ${text}`);
const deployed = {
  SALLYPORT_PUBLIC_URL: "https://api.example.com",
  SALLYPORT_WEB_ORIGINS: "https://app.example.com",
  SALLYPORT_TRUSTED_PROXIES: "127.0.0.1,10.0.0.0/8",
};

describe("what a start says of the settings", () => {
  it("has nothing to warn of on one's own machine, nor where proxy, pages and public URL fit", () => {
    expect(linesOf()).toEqual([
      "info proxies: none is trusted, so an address is that of the connection, and X-Forwarded-For is not read",
      "info cookies: same-site, since http://localhost:4000 and its pages share a site",
    ]);
    expect(
      linesOf({ SALLYPORT_PORT: "9000", SALLYPORT_PUBLIC_URL: "http://localhost:9000" }),
    ).toHaveLength(2);
    expect(linesOf(deployed)).toEqual([
      "info proxies: X-Forwarded-For counts from 127.0.0.1 and 10.0.0.0/8, and from nobody else",
      "info cookies: same-site, since https://api.example.com and its pages share a site",
    ]);
  });

  it.each([
    [
      { SALLYPORT_TRUSTED_PROXIES: "" },
      /^warn proxies: none is trusted.*SALLYPORT_TRUSTED_PROXIES/,
    ],
    [
      { SALLYPORT_WEB_ORIGINS: "https://name.github.io" },
      /^info cookies: cross-site, since https:\/\/name.github.io is of another site/,
    ],
    [
      {
        SALLYPORT_WEB_ORIGINS: "https://name.github.io",
        SALLYPORT_COOKIE_MODE: "same-site",
      },
      /^warn cookies: same-site by SALLYPORT_COOKIE_MODE, but https:\/\/name.github.io/,
    ],
    [{ SALLYPORT_COOKIE_MODE: "cross-site" }, /^info cookies: cross-site by SALLYPORT_COOKIE_MODE/],
    [
      { SALLYPORT_WEB_ORIGINS: "https://app.example.com,http://localhost:5173" },
      /^warn pages: http:\/\/localhost:5173 may call .*SALLYPORT_WEB_ORIGINS/,
    ],
    [
      { SALLYPORT_HOST: "0.0.0.0", SALLYPORT_PUBLIC_URL: "", SALLYPORT_WEB_ORIGINS: "" },
      /^warn address: listens on 0.0.0.0, but SALLYPORT_PUBLIC_URL is http:\/\/localhost:4000/,
    ],
    [
      {
        SALLYPORT_PORT: "9000",
        SALLYPORT_PUBLIC_URL: "",
        SALLYPORT_WEB_ORIGINS: "",
        SALLYPORT_TRUSTED_PROXIES: "",
      },
      /^warn address: listens on port 9000, but .* http:\/\/localhost:4000.*SALLYPORT_PUBLIC_URL/,
    ],
    [
      { SALLYPORT_PUBLIC_URL: "" },
      /^warn pages: https:\/\/app.example.com may call .*SALLYPORT_PUBLIC_URL/,
    ],
  ])("%j among those of a deployment is told: %s", (changed, line) => {
    expect(linesOf({ ...deployed, ...changed })).toContainEqual(expect.stringMatching(line));
  });
});
