import { expect, test } from "vitest";
import { dashOf, palette, textureOf } from "./palette.ts";

type Colour = readonly [number, number, number];

const linear = (hex: string): Colour => {
  const channel = (start: number): number => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};
const luminance = ([red, green, blue]: Colour): number =>
  0.2126 * red + 0.7152 * green + 0.0722 * blue;
const contrast = (one: string, other: string): number => {
  const [darker = 0, lighter = 0] = [luminance(linear(one)), luminance(linear(other))].toSorted(
    (a, b) => a - b,
  );
  return (lighter + 0.05) / (darker + 0.05);
};

/**
 * How colours look to those who lack a kind of cone (Machado, Oliveira, Fernandes 2009, severity
 * 1).
 */
const eyes = {
  "three kinds of cones": [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritanopia: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
};

const seenBy = (matrix: readonly number[], colour: Colour): Colour => {
  const row = (start: number): number =>
    Math.min(
      1,
      Math.max(
        0,
        (matrix[start] ?? 0) * colour[0] +
          (matrix[start + 1] ?? 0) * colour[1] +
          (matrix[start + 2] ?? 0) * colour[2],
      ),
    );
  return [row(0), row(3), row(6)];
};

const oklab = ([red, green, blue]: Colour): Colour => {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
};

test.each([
  ["light", "#ffffff"],
  ["dark", "#191d1e"],
] as const)("every colour has 3:1 against the panels of the %s scheme", (scheme, surface) => {
  for (const colour of palette[scheme])
    expect(contrast(colour, surface), colour).toBeGreaterThanOrEqual(3);
});

test.each(["light", "dark"] as const)(
  "the colours of the %s scheme differ for all eyes",
  (scheme) => {
    for (const [eye, matrix] of Object.entries(eyes)) {
      const seen = palette[scheme].map((colour) => oklab(seenBy(matrix, linear(colour))));
      for (const [index, one] of seen.entries())
        for (const [before, other] of seen.slice(0, index).entries()) {
          const distance = Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
          expect(
            distance,
            `${palette[scheme][before]} and ${palette[scheme][index]}, ${eye}`,
          ).toBeGreaterThan(0.08);
        }
    }
  },
);

test("series that share a colour share neither dash nor texture", () => {
  for (const index of [0, 1, 2, 3]) {
    const next = index + palette.light.length;
    expect(dashOf(index)).not.toBe(dashOf(next));
    expect(textureOf(index)).not.toBe(textureOf(next));
  }
});
