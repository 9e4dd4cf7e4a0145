import { expect, it } from "vitest";
import { applyDecision } from "./apply-decision.ts";

it("what was decided on is decided again for as long as something else comes between, and then given back", async () => {
  let version = 0;
  const decided: number[] = [];
  const decision = await applyDecision(
    () => version,
    (found) => {
      decided.push(found);
      return `on ${found}`;
    },
    async (found) => {
      if (version < 3) version += 1;
      return found === version ? "applied" : "changed";
    },
  );
  expect(decided).toEqual([0, 1, 2, 3]);
  expect(decision).toBe("on 3");
});

it("whoever never finds the same twice is told to come again, and nobody asks for ever", async () => {
  let tries = 0;
  const endless = applyDecision(
    async () => (tries += 1),
    (found) => found,
    () => "changed",
  );
  await expect(endless).rejects.toMatchObject({ code: "busy", members: { retryAfterSeconds: 1 } });
  expect(tries).toBeLessThan(100);
});

it("what a decision throws is thrown, and nothing is applied", async () => {
  let applied = 0;
  const refused = applyDecision(
    () => null,
    () => {
      throw new Error("Not like this");
    },
    () => {
      applied += 1;
      return "applied";
    },
  );
  await expect(refused).rejects.toThrow("Not like this");
  expect(applied).toBe(0);
});
