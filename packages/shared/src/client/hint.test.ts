import { expect, onTestFinished, test, vi } from "vitest";
import { openHint, remembersSession } from "./hint.ts";

test("a page that has no client yet is told whether a session is remembered, and its token still good", () => {
  const kept = new Map<string, string>();
  const localStorage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
  };
  vi.stubGlobal("localStorage", localStorage);
  onTestFinished(() => void vi.unstubAllGlobals());
  const api = "https://api.example.com/";
  const hints = openHint("sallyport https://api.example.com", { localStorage });
  const signedIn = { signedIn: true, sessionId: "ses_1", userId: "usr_mica" } as const;
  expect(remembersSession(api)).toBe(false);
  hints.write({ ...signedIn, expiresAt: Date.now() + 60_000 });
  expect(remembersSession(api)).toBe(true);
  expect(remembersSession("https://other.example.com")).toBe(false);
  hints.write({ ...signedIn, expiresAt: Date.now() - 1 });
  expect(remembersSession(api)).toBe(false);
  hints.write({ signedIn: false, signedOut: true });
  expect(remembersSession(api)).toBe(false);
});
