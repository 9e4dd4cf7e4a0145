/**
 * The colours of series, in the order of their use. Each has 3:1 against a panel's background, and
 * all of them can be told apart by readers who see fewer hues. From the ninth series on they begin
 * again, with another dash.
 */
export const palette = {
  light: ["#04a0a8", "#cb7e00", "#7064d7", "#6f5f15", "#85055c", "#004c96", "#cc4564", "#2c490f"],
  dark: ["#45e6cf", "#f48123", "#83b5fe", "#f2d934", "#9e658e", "#2580e2", "#cb4b26", "#9dae8e"],
} as const;

/** Follows the colour scheme by itself, on paper too. */
export const colourOf = (index: number): string =>
  `light-dark(${palette.light[index % palette.light.length]}, ${palette.dark[index % palette.dark.length]})`;

const dashes = [
  undefined,
  "7 3",
  "2 3",
  "11 3 2 3",
  "14 4",
  "5 2 1 2 1 2",
  "1 4",
  "9 2 9 5",
  "3 6",
] as const;
/**
 * Not by colour alone: each line has its own dash, and those that share a colour do not share one.
 */
export const dashOf = (index: number): string | undefined => dashes[index % dashes.length];

export const textures = [
  "plain",
  "rising",
  "dots",
  "grid",
  "falling",
  "level",
  "upright",
  "sparse",
] as const;
/** The same for surfaces. */
export const textureOf = (index: number): (typeof textures)[number] =>
  textures[(index + Math.floor(index / palette.light.length)) % textures.length] ?? "plain";
