import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { startInstallation } from "./installation.ts";
import { heading, sectionIsShown, signIn, signOut } from "./screens.ts";

/** What a developer sees in the console, and every answer that is an error. */
const listenTo = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  return complaints;
};

test("a visitor's first visit is no error, wherever it leads to, and neither is the second", async () => {
  const installation = await startInstallation({ fallsBackToIndex: true });
  for (const [path, shown] of [
    ["/", "Welcome"],
    ["/sections/welcome", "Welcome"],
    ["/sections/marketing", "Sign in"],
    ["/sections/no-such-section", "Sign in"],
    ["/account", "Sign in"],
    ["/sign-in", "Sign in"],
    ["/setup", "Welcome"],
  ] as const) {
    const context = await installation.newContext();
    for (const visit of path === "/" ? ["first", "second"] : ["first"]) {
      const page = await context.newPage();
      const complaints = listenTo(page);
      await page.goto(installation.at(path));
      await heading(page, shown).waitFor();
      if (path === "/" || path === "/sections/welcome") await sectionIsShown(page, "Welcome");
      await page.waitForLoadState("networkidle");
      expect(complaints, `${visit} visit of ${path}`).toEqual([]);
      await page.close();
    }
  }
});

test("who has signed out is a visitor without errors too", async () => {
  const installation = await startInstallation({ fallsBackToIndex: true });
  const context = await installation.newContext();
  const first = await context.newPage();
  await signIn(installation, first, "mike");
  await signOut(first);
  await first.getByRole("link", { name: "Sign in" }).waitFor();
  await first.close();
  const page = await context.newPage();
  const complaints = listenTo(page);
  await page.goto(installation.at("/"));
  await sectionIsShown(page, "Welcome");
  await page.waitForLoadState("networkidle");
  expect(complaints).toEqual([]);
});
