import type { TestSequencerConstructor } from "vitest/node";

export const longestFirst: (folder: string, longest: readonly string[]) => TestSequencerConstructor;
