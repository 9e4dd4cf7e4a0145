/**
 * The behaviours that the server and the mock are both held to, on the mock: as a page's script
 * asks it, through MSW, and on stores that take their time.
 */
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  behaviours,
  isShownByTheMock,
  limitations,
  settings,
  type Behaviour,
} from "../testing/testing.ts";
import { createMockSubject } from "../../test/mock-subject.ts";
import { createLateStores } from "../testing/late-stores.ts";
import { createMock } from "./create-mock-api.ts";
import { createMockApi, limitations as published } from "./mock.ts";

const baseUrl = "http://localhost:4000";
const webOrigin = "http://localhost:5173";

/** Time passes only where a behaviour says so. */
const now = Date.parse("2026-11-22T09:00:00Z");
// As a page does, each request names its origin.
const options = {
  baseUrl,
  origins: [webOrigin],
  origin: null,
  clock: () => now,
  uploadLimitMebibytes: settings.uploadLimitMebibytes,
} as const;
const mock = createMockApi(options);
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const late = createMock(options, (stores) => createLateStores(stores, 1, turn));
const server = setupServer(...mock.handlers);
const subject = createMockSubject(mock, { baseUrl, origin: webOrigin });
// Not through MSW, which takes half of the time and has been shown to do by the other.
const lateSubject = createMockSubject(late, { baseUrl, origin: webOrigin, fetch: late.fetch });
beforeAll(() => server.listen());
afterAll(() => {
  server.close();
  mock.dispose();
  late.dispose();
});

const named = (some: readonly Behaviour[]) =>
  some.map((behaviour) => [behaviour.name, behaviour] as const);
const shown = behaviours.filter((behaviour) => isShownByTheMock(behaviour, "node"));
const leftOut = behaviours.filter((behaviour) => !isShownByTheMock(behaviour, "node"));

describe("the mock", () => {
  it.each(named(shown))("%s", async (_, { run }) => {
    await subject.reset();
    await expect(run(subject)).resolves.toBeUndefined();
  });

  it("says in its limitations why it shows no more", () => {
    const reasons = leftOut.map(
      ({ name, beyondTheMock }) =>
        `- ${name}\n  ${beyondTheMock === undefined ? "" : limitations[beyondTheMock]}`,
    );
    process.stdout.write(`What the mock does not show, and why:\n${reasons.join("\n")}\n`);
    for (const { beyondTheMock } of leftOut)
      expect(published).toContain(beyondTheMock && limitations[beyondTheMock]);
  });

  it.each(named(leftOut))("does not show, as it says: %s", async (_, { run }) => {
    await subject.reset();
    await expect(run(subject)).rejects.toThrow(/./);
  });
});

describe("the mock on stores that answer in later turns", () => {
  it.each(named(shown))("%s", async (_, { run }) => {
    await lateSubject.reset();
    await expect(run(lateSubject)).resolves.toBeUndefined();
  });
});
