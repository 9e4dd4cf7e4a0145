/** Chance that is the same again for the same seed. */
export interface Chance {
  /** From 0 up to 1. */
  next(): number;
  /** Around 0, with a standard deviation of 1. */
  normal(): number;
  /** A whole number, both bounds included. */
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  /** By the weights, which need not sum up to 1. */
  pickWeighted<T extends { readonly weight: number }>(from: readonly T[]): T;
}

/**
 * Mulberry32, begun with a hash of the name, so that neither dataset hangs on what another has
 * drawn.
 */
export const createChance = (seed: number, name: string): Chance => {
  let state = seed | 0;
  for (let index = 0; index < name.length; index += 1)
    state = Math.imul(state ^ name.charCodeAt(index), 0x01000193);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: <T>(from: readonly T[]) => from[Math.floor(next() * from.length)] as T,
    pickWeighted: <T extends { readonly weight: number }>(from: readonly T[]) => {
      let left = next() * from.reduce((sum, { weight }) => sum + weight, 0);
      return from.find(({ weight }) => (left -= weight) < 0) ?? (from.at(-1) as T);
    },
  };
};
