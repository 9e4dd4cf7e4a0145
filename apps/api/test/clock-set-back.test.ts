/**
 * The machine's clock is set back while the API runs, by hand or by a time server. Nobody is signed
 * out by it.
 */
import { expect, it } from "vitest";
import { createSteadyTime } from "../src/clock.ts";
import { createTeamApp } from "./team.ts";
import { createTestClock } from "./test-app.ts";
import { createBrowser } from "./test-browser.ts";

const hour = 60 * 60 * 1000;

const open = async () => {
  const machine = { wall: Date.parse("2026-11-22T09:00:00Z"), elapsed: 0 };
  const now = createSteadyTime(
    () => machine.wall,
    () => machine.elapsed,
  );
  const app = await createTeamApp({ clock: { ...createTestClock(), now } });
  const pass = (milliseconds: number): void => {
    machine.wall += milliseconds;
    machine.elapsed += milliseconds;
  };
  return { app, pass, setBack: (milliseconds: number) => void (machine.wall -= milliseconds) };
};

it("a slow tab that comes after a rotation gets its conflict, and is not taken for a thief", async () => {
  const { app, pass, setBack } = await open();
  const browser = createBrowser(app);
  await browser.signIn("mike");
  pass(60_000);
  const slowTab = browser.copy();
  expect(await browser.refresh("key-of-the-first-refresh")).toMatchObject({ status: 200 });
  setBack(hour);
  pass(2_000);
  expect(await browser.refresh("key-of-the-second-refresh")).toMatchObject({ status: 200 });
  pass(2_000);
  expect(await slowTab.refresh("key-of-the-third-refresh")).toMatchObject({
    status: 409,
    body: { code: "refresh_conflict" },
  });
  expect(await browser.send("GET", "/session")).toMatchObject({ status: 200 });
});

it("an old token is told from a slow tab as soon as ever", async () => {
  const { app, pass, setBack } = await open();
  const browser = createBrowser(app);
  await browser.signIn("mike");
  pass(60_000);
  const thief = browser.copy();
  expect(await browser.refresh("key-of-the-first-refresh")).toMatchObject({ status: 200 });
  setBack(hour);
  pass(12_000);
  expect(await thief.refresh("key-of-the-third-refresh")).toMatchObject({
    status: 401,
    body: { code: "refresh_invalid", reason: "reuse" },
  });
});

it("an access token does not live for another hour", async () => {
  const { app, pass, setBack } = await open();
  const browser = createBrowser(app);
  await browser.signIn("mike");
  setBack(hour);
  pass(299_000);
  expect(await browser.send("GET", "/session")).toMatchObject({ status: 200 });
  pass(45_000);
  expect(await browser.send("GET", "/session")).toMatchObject({
    status: 401,
    body: { code: "token_expired" },
  });
});
