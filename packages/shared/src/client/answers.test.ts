import { describe, expect, test } from "vitest";
import { createWorld } from "../../test/fake-browser.ts";
import { ApiError, ContractError } from "./client.ts";
import { later, signIn } from "../../test/signed-in.ts";

describe("answers", () => {
  test("A problem becomes an ApiError with its code, status and request id", async () => {
    const world = createWorld();
    const tab = await world.signedInTab();
    const error = await world.until(
      tab.client
        .call("GET /sections/:slug", { params: { slug: "secret" } })
        .catch((caught: unknown) => caught),
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "section_forbidden",
      status: 403,
      problem: { requestId: "req_1" },
    });
  });

  test("A response that the validator refuses becomes a ContractError", async () => {
    const world = createWorld();
    const tab = world.openTab("one", {
      validateResponse: (key, _status, body) => {
        if (key === "GET /sections") throw new Error("items is missing");
        return body;
      },
    });
    await signIn(world, tab);
    await expect(world.until(later(tab.client.call("GET /sections")))).rejects.toBeInstanceOf(
      ContractError,
    );
  });

  test("The state is the same object until something changes, and every change is told", async () => {
    const world = createWorld();
    const tab = world.openTab("one");
    let told = 0;
    const unsubscribe = tab.client.subscribe(() => told++);
    expect(tab.client.state()).toBe(tab.client.state());
    await world.until(tab.client.start());
    expect(told).toBe(1);
    unsubscribe();
    await signIn(world, tab);
    expect(told).toBe(1);
  });
});
