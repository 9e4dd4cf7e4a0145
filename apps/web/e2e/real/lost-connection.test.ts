import { expect, test } from "vitest";
import { openElsewhere } from "../../../api/test/test-app.ts";
import { minutes, seconds, startInstallation } from "./installation.ts";
import {
  busyBanner,
  connectionBanner,
  dialog,
  expectNoDialog,
  heading,
  isMarked,
  lookAtItAgain,
  markPage,
  openSection,
  sectionIsShown,
  sectionLink,
  signIn,
} from "./screens.ts";

test("while the API is down the page stays and says so, and it recovers by itself", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await openSection(page, "Finance");
  await markPage(page);
  await installation.wire.unplug();
  await sectionLink(page, "People").click();
  await connectionBanner(page).waitFor();
  await installation.wire.plugIn();
  await sectionIsShown(page, "People");
  await connectionBanner(page).waitFor({ state: "detached" });
  await expectNoDialog(page);
  expect(await isMarked(page)).toBe(true);
});

test("what is shown stays while an update of it finds no API", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await openSection(page, "Finance");
  const before = await page.locator("main table").first().innerText();
  await installation.wire.unplug();
  await installation.timePasses(seconds(31));
  await lookAtItAgain(page);
  await connectionBanner(page).waitFor();
  expect(await page.locator("main table").first().innerText()).toBe(before);
  await installation.wire.plugIn();
  await connectionBanner(page).waitFor({ state: "detached" });
  expect(await page.locator("main table").first().innerText()).toBe(before);
});

test("a section asked for during a long outage comes by itself when the API is back", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await installation.wire.unplug();
  await sectionLink(page, "People").click();
  await heading(page, "This section could not be loaded").waitFor();
  await installation.wire.plugIn();
  await sectionIsShown(page, "People");
  expect(await heading(page, "This section could not be loaded").count()).toBe(0);
});

test("an outage in the middle of a refresh signs nobody out", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await installation.timePasses(minutes(6));
  await installation.wire.unplug();
  await sectionLink(page, "Finance").click();
  await connectionBanner(page).waitFor();
  await expectNoDialog(page);
  await installation.wire.plugIn();
  await sectionIsShown(page, "Finance");
  await expectNoDialog(page);
});

test("opening the site while the API is down waits for it", async () => {
  const installation = await startInstallation();
  const context = await installation.newContext();
  const page = await context.newPage();
  await signIn(installation, page, "mica");
  await page.close();
  await installation.wire.unplug();
  const later = await context.newPage();
  await later.goto(installation.at("/sections/finance"));
  await heading(later, "The server has not been reached").waitFor();
  await installation.wire.plugIn();
  await sectionIsShown(later, "Finance");
  await later.getByRole("button", { name: "Account: Mica Okafor" }).waitFor();
  expect(later.url()).toBe(installation.at("/sections/finance"));
});

test("a database too busy to refresh (503) signs nobody out", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  installation.serverClockAdvances(minutes(6));
  const other = openElsewhere(installation.api.dataDirectory);
  other.runSql("begin immediate");
  installation.wire.forget();
  await sectionLink(page, "Finance").click();
  await busyBanner(page).waitFor();
  expect(installation.wire.requests.find(({ path }) => path === "/refresh")?.status).toBe(503);
  await expectNoDialog(page);
  other.runSql("rollback");
  other.close();
  await sectionIsShown(page, "Finance");
  await busyBanner(page).waitFor({ state: "detached" });
  await expectNoDialog(page);
});

test("a refresh over the limit (429) signs nobody out, and is repeated when the answer says", async () => {
  const installation = await startInstallation({
    environment: { SALLYPORT_REFRESH_PER_MINUTE: "1", SALLYPORT_ACCESS_TTL_SECONDS: "40" },
  });
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  installation.serverClockAdvances(seconds(46));
  await openSection(page, "Finance");
  installation.serverClockAdvances(seconds(45));
  installation.wire.forget();
  await sectionLink(page, "People").click();
  await busyBanner(page).waitFor();
  await sectionIsShown(page, "People");
  const refreshes = installation.wire.requests
    .filter(({ path }) => path === "/refresh")
    .map(({ status }) => status);
  expect(refreshes).toEqual([429, 200]);
  expect(await dialog(page).count()).toBe(0);
});
