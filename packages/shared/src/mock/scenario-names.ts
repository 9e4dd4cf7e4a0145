/**
 * Every scenario, in the order in which they are offered. `scenarios.ts` says what each of them is.
 */
export const scenarioNames = [
  "normal",
  "signed-out",
  "access-token-expired",
  "session-expired",
  "reuse-detected",
  "refresh-response-lost",
  "refresh-conflict",
  "permission-removed",
  "user-deactivated",
  "cookies-blocked",
  "duplicate-cookie",
  "rate-limited",
  "server-error",
  "slow",
  "offline",
  "empty",
  "many-sections",
  "new-installation",
  "setup",
] as const;

export type ScenarioName = (typeof scenarioNames)[number];
