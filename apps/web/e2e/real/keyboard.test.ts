import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, sectionIsShown, signIn } from "./screens.ts";

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return "nothing";
    const label =
      element.getAttribute("aria-label") ??
      (element as HTMLInputElement).labels?.[0]?.textContent ??
      element.textContent ??
      "";
    return `${element.tagName.toLowerCase()} ${label.trim()}`;
  });

/** Presses Tab until the focus is where it is wanted; nothing on the way may be invisible. */
const tabTo = async (page: Page, wanted: string): Promise<void> => {
  const met: string[] = [];
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    met.push(now);
    const box = await page.evaluate(
      () => document.activeElement?.getBoundingClientRect().toJSON() as DOMRect,
    );
    if (now !== "nothing") expect(box.width * box.height, `size of ${now}`).toBeGreaterThan(0);
    if (now === wanted) return;
  }
  throw new Error(`Tab does not lead to "${wanted}", only to: ${met.join(", ")}`);
};

test("everything can be done with the keyboard alone: sign in, open a section, sign out", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/sign-in"));
  await heading(page, "Sign in").waitFor();
  await expect.poll(() => focused(page)).toBe("input User name");
  await page.keyboard.type("mica");
  await tabTo(page, "input Password");
  await page.keyboard.type("sample-mica-passphrase");
  await page.keyboard.press("Enter");
  await sectionIsShown(page, "Welcome");
  await expect.poll(() => focused(page)).toBe("h1 Welcome");
  expect(await page.title()).toBe("Welcome · Sallyport");

  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.reload();
  await sectionIsShown(page, "Welcome");
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("a Skip to content");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toMatch(/^main/);

  await page.reload();
  await sectionIsShown(page, "Welcome");
  await tabTo(page, "a Finance");
  await page.keyboard.press("Enter");
  await sectionIsShown(page, "Finance");
  await expect.poll(() => focused(page)).toBe("h1 Finance");
  expect(await page.title()).toBe("Finance · Sallyport");

  await page.reload();
  await sectionIsShown(page, "Finance");
  await tabTo(page, "button Account: Mica Okafor");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Account" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("group", { name: "Account" }).waitFor({ state: "hidden" });
  expect(await focused(page)).toBe("button Account: Mica Okafor");
  await page.keyboard.press("Enter");
  await tabTo(page, "button Sign out everywhere…");
  expect(await page.getByRole("group", { name: "Account" }).isVisible()).toBe(true);
  await page.keyboard.press("Tab");
  await page.getByRole("group", { name: "Account" }).waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Account:/ }).focus();
  await page.keyboard.press("Enter");
  await tabTo(page, "button Sign out");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  await expect.poll(() => focused(page)).toBe("h1 Welcome");
});

test("a dialog keeps the focus inside, and gives it back", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/sign-in?next=%2Faccount"));
  await expect.poll(() => focused(page)).toBe("input User name");
  await page.keyboard.type("mica");
  await tabTo(page, "input Password");
  await page.keyboard.type("sample-mica-passphrase");
  await page.keyboard.press("Enter");
  await heading(page, "Your account").waitFor();
  await tabTo(page, "button Sign out everywhere…");
  await page.keyboard.press("Enter");
  const question = page.getByRole("alertdialog", { name: "Sign out everywhere?" });
  await question.waitFor();
  await expect.poll(() => focused(page)).toBe("button Cancel");
  for (let presses = 0; presses < 6; presses++) {
    await page.keyboard.press("Tab");
    const outside = await page.evaluate(
      () =>
        document.activeElement !== document.body &&
        !document.querySelector("dialog")?.contains(document.activeElement),
    );
    expect(outside).toBe(false);
  }
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  await expect.poll(() => focused(page)).toBe("button Sign out everywhere…");
});

test("what is tried again keeps its words and the focus until the answer is there", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  installation.api.runSql(
    "update panels set definition = json_set(definition, '$.query.select', json('[{\"column\":\"no_such_column\"}]')) where dataset_id is not null and position <= 3",
  );
  const { wire } = installation;
  /** Presses the button, and looks at what is there while the answer is on its way. */
  const expectItKept = async (name: string, words: Locator): Promise<void> => {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const stop = wire.interfere(({ method, path }) =>
      method === "GET" && path.startsWith("/sections/")
        ? (asked.resolve(), { before: gate.promise })
        : undefined,
    );
    await page.getByRole("button", { name, exact: true }).press("Enter");
    await asked.promise;
    await expect
      .poll(() => page.getByRole("button", { name, exact: true, disabled: true }).count())
      .toBe(1);
    expect(await words.count()).toBe(1);
    expect(await focused(page)).toBe(`button ${name}`);
    stop();
    gate.resolve();
  };

  await page.goto(installation.at("/sections/operations"));
  await sectionIsShown(page, "Operations");
  const retry = "Retry: Late flights";
  await expectItKept(
    retry,
    page.getByRole("group", { name: "Late flights", exact: true }).getByRole("alert"),
  );
  await expect
    .poll(() =>
      page.getByRole("button", { name: retry, exact: true }).getAttribute("aria-disabled"),
    )
    .toBe("false");
  expect(await focused(page)).toBe(`button ${retry}`);

  const stop = wire.interfere(({ method, path }) =>
    method === "GET" && path === "/sections/people" ? { lose: true } : undefined,
  );
  await page.goto(installation.at("/sections/people"));
  const failed = heading(page, "This section could not be loaded");
  await failed.waitFor();
  await expectItKept("Try again", failed);
  stop();
  await sectionIsShown(page, "People");
});

test("what changes something keeps the focus while it is under way, and says that it came to nothing", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  const gate = Promise.withResolvers<void>();
  const stop = installation.wire.interfere(({ method, path }) =>
    method === "DELETE" && path === "/account/sessions"
      ? { before: gate.promise, lose: true }
      : undefined,
  );
  await page.goto(installation.at("/account"));
  await page.getByRole("button", { name: "Sign out everywhere…", exact: true }).last().click();
  const question = page.getByRole("alertdialog", { name: "Sign out everywhere?" });
  const button = question.getByRole("button", { name: "Sign out everywhere", exact: true });
  await button.press("Enter");
  await expect.poll(() => button.getAttribute("aria-disabled")).toBe("true");
  expect(await focused(page)).toBe("button Sign out everywhere");
  gate.resolve();
  await question
    .getByRole("alert")
    .getByText(/^You are still signed in\. The server cannot be reached\./)
    .waitFor();
  expect(await focused(page)).toBe("button Sign out everywhere");
  stop();
  await page.keyboard.press("Enter");
  await page.getByText("You are signed out.").waitFor();
});
