import { describe, expect, it } from "vitest";
import { createTeamApp } from "./team.ts";
import { createBrowser } from "./test-browser.ts";

describe("health", () => {
  it("is /healthz for the process, and /readyz for the database and the wish to go on", async () => {
    const app = await createTeamApp();
    const browser = createBrowser(app);
    expect(await browser.send("GET", "/healthz")).toMatchObject({
      status: 200,
      body: { status: "ok" },
    });
    expect(await browser.send("GET", "/readyz")).toMatchObject({
      status: 200,
      body: { status: "ok" },
    });
    app.dependencies.beginShutdown();
    const reply = await browser.send("GET", "/readyz");
    expect(reply).toMatchObject({ status: 503, body: { code: "busy" } });
    expect(reply.headers.get("retry-after")).toBe("5");
    expect((await browser.send("GET", "/healthz")).status).toBe(200);
  });
});
