import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { days, minutes, seconds, startInstallation, type Installation } from "./installation.ts";
import {
  dialog,
  heading,
  isMarked,
  lookAtItAgain,
  markPage,
  noAccess,
  openSection,
  sectionIsShown,
  sectionLink,
  sectionTitles,
  signIn,
  submitSignIn,
} from "./screens.ts";

const apiRoot = join(import.meta.dirname, "../../../api");

/** The command-line tool, as an operator runs it beside the running API. */
const sallyport = ({ api }: Installation, ...words: string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(
    process.execPath,
    ["--conditions=sallyport-source", join(apiRoot, "src/main.ts"), ...words],
    {
      env: { PATH: process.env["PATH"], SALLYPORT_DATA_DIR: api.dataDirectory },
    },
  );

const sql = ({ api }: Installation, statement: string): void => void api.runSql(statement);

test("a session that ends while the page is open asks to sign in again over the page, and the page is kept", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await openSection(page, "Finance");
  await markPage(page);
  installation.serverClockAdvances(days(8));
  const asks = dialog(page);
  await asks.getByText("You were away for a long time, so your session was ended.").waitFor();
  expect(await asks.getByLabel("User name").inputValue()).toBe("mica");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  expect(await asks.isVisible()).toBe(true);

  await submitSignIn(page, "mica", "a wrong passphrase");
  await asks.getByText("The user name or the password is not right.").waitFor();
  await submitSignIn(page, "mica");
  await asks.waitFor({ state: "detached" });
  await sectionIsShown(page, "Finance");
  expect(await isMarked(page)).toBe(true);
});

test("a browser that no longer keeps the API's cookies is told so after signing in again, and is not asked on and on", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await openSection(page, "Finance");
  const allow = installation.wire.interfere(() => ({ dropCookies: true }));
  await page.context().clearCookies();
  installation.serverClockAdvances(days(8));
  await dialog(page).waitFor();
  await submitSignIn(page, "mica");
  await heading(page, "Your browser blocks the session’s cookies").waitFor();
  expect(new URL(page.url()).searchParams.get("next")).toBe("/sections/finance");
  expect(await dialog(page).count()).toBe(0);

  // Once they are allowed, it goes on from there.
  allow();
  await page.getByRole("button", { name: "Sign in again" }).click();
  await dialog(page).waitFor();
  await submitSignIn(page, "mica");
  await dialog(page).waitFor({ state: "detached" });
  await sectionIsShown(page, "Finance");
});

test("a browser without locks, which hears of nothing by itself, asks at the next request, and carries it out after signing in again", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  await context.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, "locks", { value: undefined }),
  );
  const page = await context.newPage();
  await signIn(installation, page, "mica");
  await markPage(page);
  installation.serverClockAdvances(days(8));
  await sectionLink(page, "People").click();
  await dialog(page)
    .getByText("You were away for a long time, so your session was ended.")
    .waitFor();
  await submitSignIn(page, "mica");
  await sectionIsShown(page, "People");
  expect(await isMarked(page)).toBe(true);
  expect(installation.wire.count("GET /session/events")).toBe(0);
});

test("what was typed on the page is still there after signing in again", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await openSection(page, "Finance");
  await page.evaluate(() =>
    document
      .querySelector("main")
      ?.append(Object.assign(document.createElement("textarea"), { id: "draft" })),
  );
  await page.locator("#draft").fill("half a sentence");
  await page.evaluate(() => scrollTo(0, 200));
  installation.serverClockAdvances(days(31));
  await installation.timePasses(minutes(6));
  await lookAtItAgain(page);
  await dialog(page).getByText("Your session has reached its longest permitted life.").waitFor();
  await submitSignIn(page, "mica");
  await dialog(page).waitFor({ state: "detached" });
  expect(await page.locator("#draft").inputValue()).toBe("half a sentence");
  expect(await page.evaluate(() => scrollY)).toBe(200);
});

test("somebody who would rather leave than sign in again becomes a visitor", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  // Nobody does anything on it: that its session is over it only hears while it listens.
  await expect.poll(() => installation.api.dependencies.liveChanges.listeners()).toBe(1);
  installation.serverClockAdvances(days(8));
  await dialog(page).getByRole("button", { name: "Leave without signing in" }).click();
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  await sectionIsShown(page, "Welcome");
  expect(await sectionTitles(page)).toEqual(["Welcome"]);
});

test("a session that ended while nobody was there sends the next visit to the sign-in page, with the reason", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const page = await context.newPage();
  await signIn(installation, page, "mica");
  await page.close();
  await installation.timePasses(days(8));
  const later = await context.newPage();
  await later.goto(installation.at("/sections/finance"));
  await heading(later, "Sign in").waitFor();
  await later.getByText("You were away for a long time").waitFor();
  expect(await dialog(later).count()).toBe(0);
  await submitSignIn(later, "mica");
  await sectionIsShown(later, "Finance");
});

test("a warning comes before the session ends for want of activity, and staying renews it", async () => {
  const installation = await startInstallation({
    environment: { SALLYPORT_SESSION_IDLE_SECONDS: "600" },
  });
  const page = await installation.newPage();
  await page.clock.install();
  await signIn(installation, page, "mica");
  // Answered, and not only under way: the server's clock must not move before.
  const renewals = (): number =>
    installation.wire.requests.filter(({ path, status }) => path === "/refresh" && status === 200)
      .length;
  const before = renewals();
  installation.serverClockAdvances(seconds(490));
  await page.clock.fastForward(seconds(490));
  const asks = page.getByRole("alertdialog", { name: "Are you still there?" });
  await asks.waitFor();
  await asks.getByRole("button", { name: "Stay signed in" }).click();
  await asks.waitFor({ state: "detached" });
  await expect.poll(renewals).toBe(before + 1);
  installation.serverClockAdvances(seconds(400));
  await openSection(page, "Finance");
  expect(await page.locator("dialog").count()).toBe(0);
});

test("a tab that nobody touches is not kept alive by being asked whether anyone is there", async () => {
  const installation = await startInstallation({
    environment: { SALLYPORT_SESSION_IDLE_SECONDS: "600" },
  });
  const page = await installation.newPage();
  await page.clock.install();
  await signIn(installation, page, "mica");
  const passes = async (milliseconds: number): Promise<void> => {
    installation.serverClockAdvances(milliseconds);
    await page.clock.fastForward(milliseconds);
  };
  await passes(seconds(490));
  const asks = page.getByRole("alertdialog", { name: "Are you still there?" });
  await asks.waitFor();
  for (let waited = 0; waited < 100; waited += 20) await passes(seconds(20));
  expect(await asks.isVisible()).toBe(true);
  await passes(seconds(20));
  await dialog(page)
    .getByText("You were away for a long time, so your session was ended.")
    .waitFor();
  expect(await asks.isVisible()).toBe(false);
  // The question whether it is over came after the end, and is no use of the session.
  expect(
    installation.wire.requests.filter(({ path, status }) => path === "/refresh" && status === 200),
  ).toEqual([]);
});

test("a deactivated user is told so at once, and cannot sign in again", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mike");
  sql(installation, "update users set active = 0 where username = 'mike'");
  await dialog(page).getByText("Your account has been deactivated.").waitFor();
  await submitSignIn(page, "mike");
  await dialog(page).getByText("The user name or the password is not right.").waitFor();
  expect(await dialog(page).getByLabel("User name").inputValue()).toBe("mike");
});

for (const [how, remove] of [
  [
    "by SQL",
    async (installation: Installation) =>
      sql(
        installation,
        "delete from grants where section_id = (select id from sections where slug = 'marketing')",
      ),
  ],
  [
    "with the command-line tool",
    (installation: Installation) =>
      sallyport(installation, "grants", "remove", "--role", "marketing", "--section", "marketing"),
  ],
] as const)
  test(`a permission taken away ${how} bites on the next request of an open page`, async () => {
    const installation = await startInstallation();
    const page = await installation.newPage();
    await signIn(installation, page, "mike");
    await openSection(page, "Marketing");
    await markPage(page);
    await remove(installation);
    await installation.timePasses(seconds(31));
    installation.wire.forget();
    await lookAtItAgain(page);
    await heading(page, noAccess).waitFor();
    expect(
      installation.wire.requests.filter(
        ({ path, status }) => path === "/sections/marketing" && status === 200,
      ),
    ).toEqual([]);
    expect(await sectionTitles(page)).toEqual(["Welcome"]);
    expect(await page.locator("main table").count()).toBe(0);
    expect(await isMarked(page)).toBe(true);

    const sample =
      "insert into grants (id, user_id, section_id, created_at) select 'grt_given_by_this_test00', users.id, sections.id, 0 from users, sections where username = 'mike' and slug = 'finance'";
    sql(installation, sample);
    await openSection(page, "Welcome");
    await installation.timePasses(seconds(31));
    await lookAtItAgain(page);
    await openSection(page, "Finance");
  });
