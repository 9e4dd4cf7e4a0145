import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

/**
 * What `src` asks of the typeface: the tabular figures, and of the alternates those that
 * `global.css` turns on.
 */
const features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "cv11", "ss03"];
/** From plain text to what browsers make of `bolder`. */
const weights = { min: 400, max: 700 };

const latin = "./files/inter-latin-wght-normal.woff2";

/** The characters of `U+0000-00FF,U+0131`. */
export const charactersOf = (unicodeRange: string): string =>
  unicodeRange
    .split(",")
    .map((part) => {
      const [first = 0, last = first] = part
        .trim()
        .replace(/^U\+/i, "")
        .split("-")
        .map((digits) => Number.parseInt(digits, 16));
      return String.fromCodePoint(
        ...Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
    })
    .join("");

/**
 * Makes the file of Latin letters, the only one that most pages need, half as large: all letters
 * stay, and of the weights and alternates those that are in use.
 */
export const typeface = (): Plugin => {
  let directory = "";
  return {
    name: "sallyport-typeface",
    enforce: "pre",
    configResolved({ cacheDir }) {
      directory = join(cacheDir, "typeface");
    },
    async transform(code, id) {
      if (!id.endsWith("/@fontsource-variable/inter/index.css")) return null;
      const [before = "", face, after] = code.split(/(@font-face \{[^}]*inter-latin-wght[^}]*\})/);
      const range = face && /unicode-range: ([^;]+);/.exec(face)?.[1];
      if (!face || !range?.includes("U+0000-00FF") || !face.includes("font-weight: 100 900"))
        throw new Error("Inter's stylesheet has no face of Latin letters as it used to have.");
      const whole = await readFile(join(dirname(id), latin));
      const subset = await subsetFont(whole, charactersOf(range), {
        targetFormat: "woff2",
        keepFeatures: features,
        variationAxes: { wght: weights },
      });
      const place = join(directory, createHash("sha256").update(subset).digest("hex").slice(0, 16));
      const file = join(place, "inter-latin-wght-normal.woff2");
      await mkdir(place, { recursive: true });
      // Another build may be reading it.
      await writeFile(`${file}.${process.pid}`, subset);
      await rename(`${file}.${process.pid}`, file);
      const own = face
        .replace(latin, relative(dirname(id), file))
        .replace("font-weight: 100 900", `font-weight: ${weights.min} ${weights.max}`);
      return { code: before + own + after, map: null };
    },
  };
};
