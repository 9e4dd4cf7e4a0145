/** A database of an older version goes on as it is. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTeamApp } from "../../../test/team.ts";
import { createTestApp } from "../../../test/test-app.ts";
import {
  claimsOf,
  createBrowser,
  headerOf,
  request,
  signedAsBefore,
  signInForBody,
  type Reply,
} from "../../../test/test-browser.ts";
import { copyRows, openOlderDatabase } from "./testing/older-database.ts";

const outcomeOf = (reply: Reply): string => `${reply.status} ${reply.body.code ?? ""}`.trim();

describe("an update from the version that had no keys for cookies", () => {
  it("signs nobody out: what was issued before is good until it expires, and then refreshed", async () => {
    const first = await createTeamApp();
    const browser = createBrowser(first);
    await browser.signIn("mike");
    const client = await signInForBody(first, "mike");
    const before = signedAsBefore(first, claimsOf(browser.accessToken));
    const published = (await request(first, "GET", "/.well-known/jwks.json")).text;

    const dataDirectory = mkdtempSync(join(tmpdir(), "sallyport-test-"));
    onTestFinished(() => rmSync(dataDirectory, { recursive: true, force: true }));
    cpSync(join(first.dataDirectory, "secret"), join(dataDirectory, "secret"));
    const older = openOlderDatabase(
      join(dataDirectory, "sallyport.db"),
      "0011_signing_keys_of_two_uses",
    );
    copyRows(older, join(first.dataDirectory, "sallyport.db"));
    older.close();

    const { clock } = first;
    const updated = await createTestApp({
      dataDirectory,
      clock,
      environment: { SALLYPORT_SAMPLE_DATA: "0" },
    });
    onTestFinished(updated.close);
    expect((await request(updated, "GET", "/.well-known/jwks.json")).text).toBe(published);
    const send = (token: string): Promise<Reply> =>
      request(updated, "GET", "/session", { headers: { authorization: `Bearer ${token}` } });
    const held = createBrowser(updated);
    for (const [name, value] of browser.jar) held.jar.set(name, value);
    held.jar.set("sallyport-access-4000", before);
    held.csrfToken = browser.csrfToken;
    expect(outcomeOf(await held.send("GET", "/session"))).toBe("200");
    expect(outcomeOf(await send(client.accessToken))).toBe("200");
    expect(outcomeOf(await send(before))).toBe("401 token_invalid");
    clock.advance(305_000);
    expect(outcomeOf(await held.send("GET", "/session"))).toBe("401 token_expired");
    expect((await held.refresh("k1")).status).toBe(200);
    expect(headerOf(held.accessToken)).toMatchObject({ alg: "HS256" });
    expect(outcomeOf(await held.send("GET", "/session"))).toBe("200");
  });
});
