/**
 * What Sallyport promises, in the engines that people have beside Chromium: one file, run for each
 * of them. In Chromium the files in `real` show the same and more (signing-in, silent-refresh,
 * refused-files, several-tabs, across-sites).
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { samplePasswordOf } from "@sallyport/shared/sample";
import { programForTest } from "../../../../.ci/programs.mjs";
import { minutes, startInstallation, type Installation } from "../real/installation.ts";
import { hosts, type Cookie, type Engine, type Profile, type Tab } from "./engine.ts";
import { startFirefox } from "./firefox.ts";
import { startWebKit } from "./webkit.ts";

const firefox = programForTest("firefox");
const webKit = {
  driver: programForTest("webKitDriver"),
  browser: programForTest("webKitBrowser"),
  display: programForTest("xvfb"),
};
const hasWebKit = Object.values(webKit).every((path) => path !== undefined);

const engines = [
  {
    name: "Firefox",
    isHere: firefox !== undefined,
    start: () => startFirefox(firefox as string),
    keepsPartitionedCookies: true,
  },
  {
    name: "WebKit",
    isHere: hasWebKit,
    start: () => startWebKit(webKit as Parameters<typeof startWebKit>[0]),
    // As Safari before 26.2.
    keepsPartitionedCookies: false,
  },
];

const button = (name: string): string => `//button[normalize-space()="${name}"]`;
const account = '//button[starts-with(normalize-space(), "Account:")]';
const sectionLink = (title: string): string =>
  `//nav[@aria-label="Sections"]//a[normalize-space()="${title}"]`;
const field = (label: string): string => `//input[@id=//label[normalize-space()="${label}"]/@for]`;

const headings = (tab: Tab): Promise<string> =>
  tab.run(
    () => [...document.querySelectorAll("h1, h2")].map((one) => one.textContent).join("\n"),
    null,
  );
const shows = (tab: Tab, text: string): Promise<void> =>
  expect.poll(() => tab.text()).toContain(text);
/** Waits for a section with its panels. */
const showsSection = (tab: Tab, title: string): Promise<void> =>
  expect.poll(() => headings(tab)).toMatch(new RegExp(`^${title}\n.`));

const submitSignIn = async (tab: Tab, username: string): Promise<void> => {
  await tab.fill(field("User name"), username);
  await tab.fill(field("Password"), samplePasswordOf(username));
  await tab.click(button("Sign in"));
};
const openSection = async (tab: Tab, title: string): Promise<void> => {
  await tab.click(sectionLink(title));
  await showsSection(tab, title);
};
const dialogs = (tab: Tab): Promise<number> =>
  tab.run(() => document.querySelectorAll("dialog").length, null);
const refreshes = ({ wire }: Installation): string[] =>
  wire.requests
    .filter(({ method, path }) => method === "POST" && path === "/refresh")
    .map(({ status }) => `${status}`);

describe.each(engines.filter(({ isHere }) => isHere))(
  "in $name",
  ({ start, keepsPartitionedCookies }) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await start();
    });
    afterAll(() => engine?.close());

    const newProfile = async (): Promise<Profile> => {
      const profile = await engine.newProfile();
      onTestFinished(() => profile.close());
      return profile;
    };
    /** What is left of them says that somebody has signed in on this device, and opens nothing. */
    const tokenCookies = async (profile: Profile, url: string): Promise<Cookie[]> =>
      (await profile.cookies(url)).filter(({ name }) => !name.includes("device"));
    const signIn = async (installation: Installation, tab: Tab): Promise<void> => {
      await tab.goto(installation.at("/sections/finance"));
      await submitSignIn(tab, "mica");
      await showsSection(tab, "Finance");
      // A visitor's first look at a section that is not public asked for a refresh in vain.
      installation.wire.forget();
    };

    test("a sign-in lasts through a reload, by cookies that scripts do not see", async () => {
      const installation = await startInstallation();
      const profile = await newProfile();
      const tab = await profile.newTab();
      await signIn(installation, tab);
      await tab.reload();
      await showsSection(tab, "Finance");
      // Its files are in one folder, from whatever address they are asked for.
      expect(installation.site.asked.filter((path) => /^\/.+\/assets\//.test(path))).toEqual([]);
      const { port } = new URL(installation.apiUrl);
      expect(
        (await tokenCookies(profile, installation.apiUrl))
          .map(({ name, httpOnly }) => ({ name, httpOnly }))
          .toSorted((one, other) => one.name.localeCompare(other.name)),
      ).toEqual(
        ["access", "refresh"].map((kind) => ({
          name: `sallyport-${kind}-${port}`,
          httpOnly: true,
        })),
      );
      expect(await tab.run(() => document.cookie, null)).toBe("");
      expect(refreshes(installation)).toEqual([]);
    });

    test("an access token that has expired is renewed without a word, also where the first answer is lost", async () => {
      const installation = await startInstallation();
      const tab = await (await newProfile()).newTab();
      await signIn(installation, tab);
      installation.serverClockAdvances(minutes(6));
      await openSection(tab, "People");
      expect(refreshes(installation)).toEqual(["200"]);
      installation.wire.forget();
      const stop = installation.wire.interfere(({ path }) =>
        path === "/refresh" ? (stop(), { cut: true }) : undefined,
      );
      installation.serverClockAdvances(minutes(6));
      await openSection(tab, "Operations");
      expect(refreshes(installation)).toEqual(["200", "200"]);
      expect(await dialogs(tab)).toBe(0);
    });

    test("files of the page that are refused for a while come by themselves, at its beginning and later", async () => {
      const installation = await startInstallation({ fallsBackToIndex: true });
      const tab = await (await newProfile()).newTab();
      installation.site.refuse(/\.js$/);
      await tab.goto(installation.at("/sections/welcome"));
      await shows(tab, "This page’s files have not arrived");
      installation.site.refuse(null);
      await showsSection(tab, "Welcome");
      installation.site.refuse(/sign-in-page/, 429);
      await tab.click('//a[normalize-space()="Sign in"]');
      await shows(tab, "A part of this page has not arrived yet.");
      installation.site.refuse(null);
      await expect.poll(() => headings(tab)).toContain("Sign in");
    });

    test("tabs share one rotation, and a sign-out in one reaches the others", async () => {
      const installation = await startInstallation();
      const profile = await newProfile();
      const [here, there] = [await profile.newTab(), await profile.newTab()];
      await signIn(installation, here);
      await there.goto(installation.at("/sections/people"));
      await showsSection(there, "People");

      const { wire } = installation;
      wire.forget();
      installation.serverClockAdvances(minutes(6));
      // The first refresh waits until both tabs want one.
      let release = (): void => undefined;
      const bothAsk = new Promise<void>((resolve) => (release = resolve));
      wire.interfere(({ path }) => (path === "/refresh" ? { before: bothAsk } : undefined));
      await here.click(sectionLink("Operations"));
      await there.click(sectionLink("Marketing"));
      await expect
        .poll(() =>
          ["/sections/operations", "/sections/marketing"].map((path) =>
            wire.requests.some((seen) => seen.path === path && seen.status === 401),
          ),
        )
        .toEqual([true, true]);
      release();
      await showsSection(here, "Operations");
      await showsSection(there, "Marketing");
      expect(refreshes(installation)).toEqual(["200"]);

      await here.click(account);
      await here.click(button("Sign out"));
      await shows(there, "You are signed out.");
      for (const tab of [here, there]) await showsSection(tab, "Welcome");
      expect(await tokenCookies(profile, installation.apiUrl)).toEqual([]);
    });

    test.runIf(keepsPartitionedCookies)(
      "with the API on another site, partitioned cookies keep the session",
      async () => {
        const installation = await startInstallation({ hosts });
        const tab = await (await newProfile()).newTab();
        await signIn(installation, tab);
        await tab.reload();
        await showsSection(tab, "Finance");
        installation.serverClockAdvances(minutes(6));
        await openSection(tab, "People");
        expect(refreshes(installation)).toEqual(["200"]);
        expect(await dialogs(tab)).toBe(0);
      },
    );

    test.runIf(!keepsPartitionedCookies)(
      "with the API on another site, the page says that its cookies do not come back, and goes on in one tab's memory",
      async () => {
        const installation = await startInstallation({ hosts, config: { bearerFallback: true } });
        const tab = await (await newProfile()).newTab();
        await tab.goto(installation.at("/sections/finance"));
        await submitSignIn(tab, "mica");
        await shows(tab, "Your browser blocks the session’s cookies");
        await shows(tab, "which is another site");
        await tab.click(button("Continue in this tab only"));
        await shows(tab, "You will be signed in for this tab only.");
        await submitSignIn(tab, "mica");
        await showsSection(tab, "Finance");
        installation.serverClockAdvances(minutes(6));
        await openSection(tab, "People");
        expect(refreshes(installation)).toEqual(["200"]);
        await tab.reload();
        await shows(tab, "To go on to the page you asked for.");
      },
    );
  },
);
