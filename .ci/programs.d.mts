/** Chromium is needed: whoever asks for it gets it, or the reason why not. */
type Program =
  | "chromium"
  | "headlessShell"
  | "firefox"
  | "webKitDriver"
  | "webKitBrowser"
  | "xvfb"
  | "nginx"
  | "postgres";

export const programVariables: readonly string[];
export function findProgram(
  name: Program,
  options?: { env?: NodeJS.ProcessEnv; platform?: NodeJS.Platform },
): string | undefined;
export function ensurePrograms(options?: {
  names?: readonly Program[];
  say?: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}): void;
export function programForTest(name: "chromium", options?: { env?: NodeJS.ProcessEnv }): string;
export function programForTest(
  name: Program,
  options?: { env?: NodeJS.ProcessEnv },
): string | undefined;

export function headlessChromium(env?: NodeJS.ProcessEnv): string;
