export function findChromium(options?: {
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
}): string | undefined;
export function ensureChromium(options?: { say?: (line: string) => void }): string;
export const closablePages: string;
