import { describe, expect, it } from "vitest";
import { createSteadyTime } from "./clock.ts";

const createMachine = () => {
  let wall = 1_000_000;
  let elapsed = 0;
  const now = createSteadyTime(
    () => wall,
    () => elapsed,
  );
  return {
    now,
    pass: (milliseconds: number): number => {
      wall += milliseconds;
      elapsed += milliseconds;
      return now();
    },
    setClock: (milliseconds: number): number => {
      wall += milliseconds;
      return now();
    },
    /** The machine sleeps: its clock goes on, and nothing else does. */
    sleep: (milliseconds: number): number => {
      wall += milliseconds;
      return now();
    },
    wall: () => wall,
  };
};

describe("the time of the process", () => {
  it("is the machine's while nobody sets its clock", () => {
    const machine = createMachine();
    for (const passed of [0, 1, 17, 5_000, 86_400_000])
      expect(machine.pass(passed)).toBe(machine.wall());
  });

  it("follows a clock that is set forward, and a machine that slept", () => {
    const machine = createMachine();
    machine.pass(10);
    expect(machine.setClock(3_600_000)).toBe(machine.wall());
    expect(machine.sleep(60_000)).toBe(machine.wall());
  });

  it("never goes back when the clock is set back, and never stands still", () => {
    const machine = createMachine();
    const before = machine.pass(1_000);
    expect(machine.setClock(-3_600_000)).toBe(before);
    let last = before;
    for (let turn = 0; turn < 100; turn += 1) {
      const next = machine.pass(100);
      expect(next).toBeGreaterThan(last);
      last = next;
    }
    // Ten seconds by a clock that nobody can set: a window of ten seconds is over after eleven and
    // a bit.
    expect(last - before).toBe(9_000);
  });

  it("agrees with the machine's clock again in the end", () => {
    const machine = createMachine();
    machine.setClock(-60_000);
    machine.pass(599_000);
    expect(machine.now()).toBeGreaterThan(machine.wall());
    machine.pass(1_000);
    expect(machine.now()).toBe(machine.wall());
    expect(machine.pass(5)).toBe(machine.wall());
  });

  it("takes a clock that jitters for what it is", () => {
    const machine = createMachine();
    const times = [5, -3, 4, -4, 0, -1, 2].map((jump) => {
      machine.pass(10);
      return machine.setClock(jump);
    });
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs((times.at(-1) as number) - machine.wall())).toBeLessThan(10);
  });
});
