import { expect, it } from "vitest";
import { inSteps, waitFor, type Awaitable, type Steps } from "./awaitable.ts";

function* add(...values: readonly Awaitable<number>[]): Steps<number> {
  let sum = 0;
  for (const value of values) sum += yield* waitFor(value);
  return sum;
}

it("Steps that wait for nothing have all been taken when they are asked for", async () => {
  expect(inSteps(add(1, 2, 3))).toBe(6);
  const some = inSteps(add(1, Promise.resolve(2), 3, Promise.resolve(4)));
  expect(some).toBeInstanceOf(Promise);
  expect(await some).toBe(10);
});

it("What fails is thrown where it is waited for, and can be caught there", async () => {
  const failing = (): Steps<number> => add(1, Promise.reject(new Error("No number")));
  await expect(inSteps(failing())).rejects.toThrow("No number");
  const caught = inSteps(
    (function* (): Steps<string> {
      try {
        yield* failing();
      } catch (error) {
        return `caught: ${(error as Error).message}`;
      }
      return "";
    })(),
  );
  expect(await caught).toBe("caught: No number");
});
