import { expect, test } from "vitest";
import { minutes, startInstallation } from "./installation.ts";
import {
  dialog,
  heading,
  noAccess,
  openSection,
  sectionIsShown,
  sectionTitles,
  signIn,
  signOut,
  submitSignIn,
} from "./screens.ts";

const restricted = ["Marketing", "Finance", "People", "Operations"];
const genericError = "The user name or the password is not right.";

test("mica signs in and sees every section, with data in its panels", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  expect((await sectionTitles(page)).toSorted()).toEqual(["Welcome", ...restricted].toSorted());
  for (const title of restricted) {
    await openSection(page, title);
    expect(await page.locator("main table tbody tr").count(), `rows in ${title}`).toBeGreaterThan(
      0,
    );
    expect(
      await page.getByRole("button", { name: /^Retry/ }).count(),
      `failed panels in ${title}`,
    ).toBe(0);
  }
});

test("mike sees marketing and what is public, and nothing else", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mike");
  expect((await sectionTitles(page)).toSorted()).toEqual(["Marketing", "Welcome"]);
  await openSection(page, "Marketing");
  const answered = installation.wire.requests.filter(
    ({ path, status }) => path.startsWith("/sections/") && status === 200,
  );
  expect(new Set(answered.map(({ path }) => path))).toEqual(
    new Set(
      ["/sections/marketing", "/sections/welcome"].filter((path) =>
        answered.some((one) => one.path === path),
      ),
    ),
  );
});

test("another section's address shows the no-access page, for which nothing but the one refusal was fetched", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mike");
  const texts: string[] = [];
  for (const slug of ["finance", "no-such-section"]) {
    installation.wire.forget();
    await page.goto(installation.at(`/sections/${slug}`));
    await heading(page, noAccess).waitFor();
    // Whether they have asked for it already.
    await page.getByRole("button", { name: "Request access" }).waitFor();
    const answered = installation.wire.requests.filter(({ path }) => path !== "/session/events");
    const asked = answered
      .map(({ method, path, status }) => `${method} ${path} ${status}`)
      .toSorted();
    expect(asked).toEqual([
      "GET /account/access-requests 200",
      `GET /sections/${slug} 403`,
      "GET /session 200",
    ]);
    texts.push(await page.getByRole("main").innerText());
    expect((await sectionTitles(page)).toSorted()).toEqual(["Marketing", "Welcome"]);
  }
  expect(texts[1]).toBe(texts[0]);
});

test("a visitor sees the public section and a way to sign in", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/"));
  await sectionIsShown(page, "Welcome");
  await page.getByRole("link", { name: "Sign in" }).waitFor();
  expect(await sectionTitles(page)).toEqual(["Welcome"]);
  await page.getByRole("link", { name: "Sign in" }).click();
  await heading(page, "Sign in").waitFor();
  await submitSignIn(page, "mike");
  await sectionIsShown(page, "Welcome");
});

test("a wrong password gives one generic error, keeps the name and clears the password", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/sign-in"));
  for (const [username, password] of [
    ["mica", "not the passphrase"],
    ["nobody-of-this-name", "not the passphrase"],
    ["dan", "sample-dan-passphrase"],
  ] as const) {
    await submitSignIn(page, username, password);
    await page.getByText(genericError).waitFor();
    expect(await page.getByLabel("User name").inputValue()).toBe(username);
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");
    expect(
      await page
        .getByLabel("Password", { exact: true })
        .evaluate((field) => field === document.activeElement),
    ).toBe(true);
  }
  await submitSignIn(page, "mica");
  await sectionIsShown(page, "Welcome");
});

test("too many attempts say when to try again, and then the right password is let in", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/sign-in"));
  for (let attempt = 0; attempt < 5; attempt++) {
    const answered = page.waitForResponse(
      (response) => response.url().endsWith("/login") && response.request().method() === "POST",
    );
    await submitSignIn(page, "mica", `wrong ${attempt}`);
    expect((await answered).status()).toBe(401);
    await page.getByText(genericError).waitFor();
  }
  await submitSignIn(page, "mica");
  const counted = page.locator("form [aria-hidden=true]").getByText(/Try again in/);
  await counted.waitFor();
  // Said once to who listens to the page; what runs down beside it is hidden from them.
  const said = await page.getByRole("alert").innerText();
  expect(said).toMatch(/^Too many attempts\. Try again in \d+ seconds/);
  const before = await counted.innerText();
  await expect.poll(() => counted.innerText()).not.toBe(before);
  expect(await page.getByRole("alert").innerText()).toBe(said);
  const button = page.getByRole("button", { name: "Sign in", exact: true });
  expect(await button.isDisabled()).toBe(true);
  // Another name may have nothing to wait for.
  await page.getByLabel("User name").fill("mike");
  expect(await button.isDisabled()).toBe(false);
  await page.getByLabel("User name").fill("mica");
  expect(await button.isDisabled()).toBe(true);
  await installation.timePasses(minutes(1));
  await page.getByRole("status").getByText("You can try again now.").waitFor();
  await submitSignIn(page, "mica");
  await sectionIsShown(page, "Welcome");
});

test("a deep link is kept through the sign-in", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await page.goto(installation.at("/sections/finance"));
  await heading(page, "Sign in").waitFor();
  expect(new URL(page.url()).searchParams.get("next")).toBe("/sections/finance");
  await submitSignIn(page, "mica");
  await sectionIsShown(page, "Finance");
  expect(new URL(page.url()).pathname).toBe("/sections/finance");
});

test("a deep link is kept with its fragment", async () => {
  const installation = await startInstallation();
  for (const path of ["/sections/finance?from=2020-01-01#sources", "/account#account-session"]) {
    const page = await installation.newPage();
    await page.goto(installation.at(path));
    await heading(page, "Sign in").waitFor();
    expect(new URL(page.url()).searchParams.get("next")).toBe(path);
    await submitSignIn(page, "mica");
    await page.getByRole("button", { name: /^Account:/ }).waitFor();
    await expect.poll(() => page.url()).toBe(installation.at(path));
  }
});

test("signing out on a page of one's own leads to the start, not to the sign-in page", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  await signIn(installation, page, "mica");
  await page.goto(installation.at("/account"));
  await heading(page, "Your account").waitFor();
  const visited: string[] = [];
  page.on("framenavigated", (frame) => visited.push(new URL(frame.url()).pathname));
  await signOut(page);
  await sectionIsShown(page, "Welcome");
  expect(page.url()).toBe(installation.at("/sections/welcome"));
  expect(visited).not.toContain("/sign-in");
});

test("a target that leaves the site is ignored", async () => {
  const installation = await startInstallation();
  const page = await installation.newPage();
  for (const next of [
    "//evil.test/",
    "/\\evil.test/",
    "https://evil.test/",
    "/\t/evil.test/",
    "javascript:alert(1)",
    "/.//evil.test",
  ]) {
    await page.goto(installation.at(`/sign-in?next=${encodeURIComponent(next)}`));
    await submitSignIn(page, "mike");
    await sectionIsShown(page, "Welcome");
    expect(page.url(), next).toBe(installation.at("/sections/welcome"));
    await page.context().clearCookies();
  }
});

test("somebody without any section meets a page that says what to do", async () => {
  const installation = await startInstallation();
  installation.api.runSql("update sections set visibility = 'restricted'");
  const page = await installation.newPage();
  await signIn(installation, page, "nora");
  await heading(page, "Nothing to see here yet").waitFor();
  await page.getByText("Give that name").waitFor();
  expect(await page.getByRole("navigation", { name: "Sections" }).count()).toBe(0);
  // Who grants them is told how.
  installation.api.runSql("delete from grants");
  const other = await installation.newPage();
  await signIn(installation, other, "mica");
  await heading(other, "No section is granted to you").waitFor();
  await other.getByRole("link", { name: "See who may see which section" }).waitFor();
});

test("a setup link that is put into the address of the open setup page is taken", async () => {
  const installation = await startInstallation({ environment: { SALLYPORT_SAMPLE_DATA: "0" } });
  const page = await installation.newPage();
  await page.goto(installation.at("/setup"));
  await page.getByLabel("Setup token").fill("something else");
  // As by typing: the page is not loaded anew for a fragment.
  for (const token of ["first", "second"]) {
    await page.evaluate((fragment) => (location.hash = fragment), `token=${token}`);
    await expect.poll(() => page.url()).toBe(installation.at("/setup"));
  }
  await page.getByLabel("Setup token").waitFor({ state: "detached" });
  const sent = page.waitForRequest(
    (request) => request.url().endsWith("/setup") && request.method() === "POST",
  );
  await page.getByLabel("Your name").fill("Ada Admin");
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("orange harvest violin ladder");
  await page.getByRole("button", { name: "Create the admin" }).click();
  expect((await sent).postDataJSON()).toMatchObject({ token: "second" });
});

test("the setup link creates the first admin of an empty installation", async () => {
  const { createSetupToken } = await import("@sallyport/shared/handlers");
  const { chance, digests } = await import("../../../api/src/tokens/chance.ts");
  const installation = await startInstallation({ environment: { SALLYPORT_SAMPLE_DATA: "0" } });
  const page = await installation.newPage();
  const token = await createSetupToken({
    ...installation.api.dependencies,
    chance,
    digests,
  });
  // Whoever comes before reads what is missing, and nothing that would help to set it up.
  for (const [path, title] of [
    ["/", "Not set up yet"],
    ["/sign-in", "Sign in"],
  ] as const) {
    await page.goto(installation.at(path));
    await heading(page, title).waitFor();
    await page.getByText("the first admin has still to be created").waitFor();
    expect(await page.content()).not.toContain(token);
  }
  await page.goto(installation.at(`/setup#token=${token}`));
  await heading(page, "Welcome").waitFor();
  expect(page.url()).toBe(installation.at("/setup"));
  await page.getByLabel("Your name").fill("Ada Admin");
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("too short");
  await page.getByRole("button", { name: "Create the admin" }).click();
  await page.getByText("One thing needs your attention").waitFor();
  await page.getByLabel("Password", { exact: true }).fill("orange harvest violin ladder");
  await page.getByRole("button", { name: "Create the admin" }).click();
  await page.getByRole("button", { name: "Account: Ada Admin" }).waitFor();
  expect(await installation.api.dependencies.stores.users.hasAdmin()).toBe(true);
  await heading(page, "First steps").waitFor();
  // What is to be done leads on to where it is done.
  await page.getByRole("link", { name: "Bring in data" }).waitFor();
  await page.getByRole("link", { name: "Make a section" }).waitFor();
  await page.getByRole("link", { name: "Add people" }).click();
  await heading(page, "Users").waitFor();
  // They last, until one has enough of them.
  await page.goto(installation.at("/"));
  await page.getByRole("button", { name: "Do not show this again" }).click();
  await heading(page, "Users").waitFor();
  await page.goto(installation.at("/"));
  await heading(page, "There are no sections yet").waitFor();

  const late = await installation.newPage();
  await late.goto(installation.at(`/setup#token=${token}`));
  await late.getByLabel("Your name").fill("Eve");
  await late.getByLabel("User name").fill("eve");
  await late.getByLabel("E-mail address").fill("eve@example.com");
  await late.getByLabel("Password", { exact: true }).fill("another harvest violin ladder");
  await late.getByRole("button", { name: "Create the admin" }).click();
  await late.getByText(/An admin exists already|This setup link is not valid/).waitFor();
  expect(await dialog(late).count()).toBe(0);
});
