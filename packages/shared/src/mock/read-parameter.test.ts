import { describe, expect, it } from "vitest";
import { readMockParameter } from "./mock.ts";

describe("the parameter of a page's address", () => {
  it.each([
    ["", {}],
    ["?other=1", {}],
    ["?mock=", {}],
    ["?mock=persona:frida", { persona: "frida" }],
    [
      "?mock=persona:frida,scenario:slow&mock=seed:7",
      { persona: "frida", scenario: "slow", seed: 7 },
    ],
    ["?mock=latency:200,errorRate:0.1", { latency: 200, errorRate: 0.1 }],
    ["?mock=latency:200-800", { latency: [200, 800] }],
    ["?mock=clock:2026-12-24T09:00:00Z,seed:2", { clock: "2026-12-24T09:00:00Z", seed: 2 }],
  ])("in %j is %j", (search, expected) => {
    expect(readMockParameter(search)).toEqual(expected);
  });

  it("is refused in words where it names what there is not", () => {
    expect(() => readMockParameter("?mock=frida")).toThrow(
      /no "frida". It knows: persona, scenario, latency, errorRate, clock, seed/,
    );
    expect(() => readMockParameter("?mock=seed:many")).toThrow(
      /a number for seed, and "many" is none/,
    );
    expect(() => readMockParameter("?mock=latency:1-x")).toThrow(/a number for latency/);
    // It is a number; that it is no latency is createMockApi's to say.
    expect(readMockParameter("?mock=latency:-5")).toEqual({ latency: -5 });
  });
});
