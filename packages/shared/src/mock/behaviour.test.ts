/** The behaviours that the server and the mock are both held to, on the mock: as a page's script asks it, through MSW. */
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PanelDefinition, Session } from "../contract/contract.ts";
import { behaviours, isShownByTheMock, limitations, passwordOf, settings, type Behaviour, type Condition, type Sent, type Subject } from "../testing/testing.ts";
import { createMockApi, limitations as published } from "./mock.ts";

const baseUrl = "http://localhost:4000";
const webOrigin = "http://localhost:5173";

const breakPanel = (panel: PanelDefinition): PanelDefinition => ("query" in panel ? { ...panel, query: { ...panel.query, select: [{ column: "no such column" }] } } : panel);

const createMockSubject = (mock: ReturnType<typeof createMockApi>): Subject => {
  let twice: "access" | "refresh" | undefined;

  const call = (path: string, { method = "GET", headers = {}, body, credentials = "include", origin = webOrigin }: Sent = {}): Promise<Response> => {
    const cookies = mock.exportState().jar.map(({ name, value }) => `${name}=${value}`);
    const again = cookies.filter((cookie) => twice !== undefined && cookie.includes(`-${twice}=`)).map((cookie) => `${cookie.split("=")[0]}=another`);
    const sent = { ...(origin !== null && { origin }), ...(credentials === "include" && again.length > 0 && { cookie: [...cookies, ...again].join("; ") }), ...headers };
    return fetch(`${baseUrl}${path}`, { method, headers: sent, credentials, ...(body !== undefined && { body, duplex: "half" }) });
  };

  const arrange = (condition: Condition): void => {
    switch (condition.kind) {
      case "grantGiven":
        return mock.giveGrant(condition.person, condition.section);
      case "grantTaken":
        return mock.takeGrant(condition.person, condition.section);
      case "personDeactivated":
        return mock.deactivateUser(condition.person);
      case "sessionsEnded":
        return mock.endSessions(condition.person, condition.reason);
      case "busy":
        return mock.failEndpoint(condition.endpoint, "busy");
      case "handlerFails":
        return mock.failEndpoint(condition.endpoint, "internal");
      case "queriesTakeTooLong":
        return mock.change((state) => void (state.queriesTakeTooLong = true));
      case "rowsChangedMeanwhile":
        return mock.change((state) => void (state.rowsChangedMeanwhile = true));
      case "panelBroken":
        return mock.change((state) => {
          state.sections = state.sections.map((section) => ({
            ...section,
            definition: {
              ...section.definition,
              panels: section.definition.panels.map((panel, index) => (section.panelIds[index] === condition.panelId ? breakPanel(panel) : panel)),
            },
          }));
        });
      case "cookieTwice":
        twice = condition.which;
    }
  };

  return {
    fetch: call,
    signInAs: async (person, { delivery }) => {
      const response = await call("/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: person, password: passwordOf(person), delivery }),
        credentials: delivery === "cookie" ? "include" : "omit",
      });
      expect(response.status).toBe(200);
      return (await response.json()) as Session;
    },
    advanceClock: async (milliseconds) => {
      mock.advanceClock(milliseconds);
    },
    reset: async () => {
      twice = undefined;
      mock.reset();
    },
    arrange: async (condition) => arrange(condition),
    createSetupLink: async () => mock.createSetupLink(),
  };
};

/** Time passes only where a behaviour says so. */
const now = Date.parse("2026-11-22T09:00:00Z");
// As a page does, each request names its origin.
const mock = createMockApi({ baseUrl, origins: [webOrigin], origin: null, clock: () => now, uploadLimitMebibytes: settings.uploadLimitMebibytes });
const server = setupServer(...mock.handlers);
const subject = createMockSubject(mock);
beforeAll(() => server.listen());
afterAll(() => {
  server.close();
  mock.dispose();
});

const named = (some: readonly Behaviour[]) => some.map((behaviour) => [behaviour.name, behaviour] as const);
const shown = behaviours.filter((behaviour) => isShownByTheMock(behaviour, "node"));
const leftOut = behaviours.filter((behaviour) => !isShownByTheMock(behaviour, "node"));

describe("the mock", () => {
  it.each(named(shown))("%s", async (_, { run }) => {
    await subject.reset();
    await expect(run(subject)).resolves.toBeUndefined();
  });

  it("says in its limitations why it shows no more", () => {
    const reasons = leftOut.map(({ name, beyondTheMock }) => `- ${name}\n  ${beyondTheMock === undefined ? "" : limitations[beyondTheMock]}`);
    process.stdout.write(`What the mock does not show, and why:\n${reasons.join("\n")}\n`);
    for (const { beyondTheMock } of leftOut) expect(published).toContain(beyondTheMock && limitations[beyondTheMock]);
  });

  it.each(named(leftOut))("does not show, as it says: %s", async (_, { run }) => {
    await subject.reset();
    await expect(run(subject)).rejects.toThrow(/./);
  });
});
