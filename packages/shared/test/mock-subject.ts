/** The mock as the behaviours ask it: in Node through MSW, and in a page through its worker. */
import type { PanelDefinition, Session } from "../src/contract/contract.ts";
import type { MockApi } from "../src/mock/mock.ts";
import { passwordOf, type Condition, type Sent, type Subject } from "../src/testing/testing.ts";

const breakPanel = (panel: PanelDefinition): PanelDefinition =>
  "query" in panel
    ? { ...panel, query: { ...panel.query, select: [{ column: "no such column" }] } }
    : panel;

const cookieIn = <C extends { readonly name: string }>(
  jar: readonly C[],
  which: "access" | "refresh",
): C => {
  const cookie = jar.find(({ name }) => name.includes(`-${which}`));
  if (cookie === undefined) throw new Error(`The browser holds no ${which} token.`);
  return cookie;
};

/**
 * @param page.fetch by which the page asks; without it as all scripts do
 * @param page.origin named by every request; absent where a browser names its page's, and no script
 * can name another
 */
export const createMockSubject = (
  mock: MockApi,
  page: {
    readonly baseUrl: string;
    readonly origin?: string;
    readonly fetch?: (address: string, init: RequestInit) => Promise<Response>;
  },
): Subject => {
  const call = (
    path: string,
    {
      method = "GET",
      headers = {},
      body,
      credentials = "include",
      origin = page.origin,
    }: Sent = {},
  ): Promise<Response> =>
    (page.fetch ?? fetch)(`${page.baseUrl}${path}`, {
      method,
      headers: { ...(origin != null && { origin }), ...headers },
      credentials,
      ...(body !== undefined && { body, duplex: "half" }),
    });

  const arrange = (condition: Condition): void => {
    switch (condition.kind) {
      case "grantGiven":
        return mock.giveGrant(condition.person, condition.section);
      case "grantTaken":
        return mock.takeGrant(condition.person, condition.section);
      case "permissionGiven":
        return mock.change((state) => {
          const { person, permission } = condition;
          const name = `has ${permission}`;
          const about = { description: "", builtIn: false, epoch: 1, version: 1 };
          state.roles = [
            ...state.roles,
            { id: "rol_given", name, permissions: [permission], ...about },
          ];
          for (const user of state.users)
            if (user.username === person) {
              user.roles = [...user.roles, name];
              user.epoch += 1;
            }
        });
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
              panels: section.definition.panels.map((panel, index) =>
                section.panelIds[index] === condition.panelId ? breakPanel(panel) : panel,
              ),
            },
          }));
        });
      case "killedBeforeAnswering":
        return mock.change((state) => {
          const heldUntil = mock.settings().now + 30_000;
          for (const use of state.keyUses) Object.assign(use, { answer: null, heldUntil });
        });
      case "noMail":
        return mock.change((state) => void (state.sendsMail = false));
      case "mailRefused":
        return mock.change((state) => {
          const id = state.users.find(({ username }) => username === condition.person)?.id;
          const mail = state.outbox.findLast(({ userId }) => userId === id);
          if (mail) Object.assign(mail, { attempts: 1, failure: condition.reason, dueAt: null });
        });
      case "cookieTwice":
        return mock.change(({ jar }) => {
          const cookie = jar.find(({ name }) => name.includes(`-${condition.which}`));
          if (cookie) jar.push({ ...cookie, value: "another" });
        });
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
      if (response.status !== 200)
        throw new Error(`The sign-in of ${person} was answered ${response.status}.`);
      return (await response.json()) as Session;
    },
    advanceClock: async (milliseconds) => {
      mock.advanceClock(milliseconds);
    },
    reset: async () => {
      mock.reset();
    },
    arrange: async (condition) => arrange(condition),
    readMails: async (address) => (await mock.mailbox()).filter(({ to }) => to === address),
    readCookie: async (which) => {
      let token = "";
      mock.change(({ jar }) => void (token = cookieIn(jar, which).value));
      return token;
    },
    writeCookie: async (which, token) =>
      mock.change((state) => {
        const { name } = cookieIn(state.jar, which);
        state.jar = state.jar.map((cookie) =>
          cookie.name === name ? { ...cookie, value: token } : cookie,
        );
      }),
    createSetupLink: async () => mock.createSetupLink(),
  };
};
