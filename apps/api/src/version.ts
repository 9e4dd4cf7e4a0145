/**
 * The version of this Sallyport: that of the whole workspace, which a test holds every package.json
 * to.
 */
import { readFileSync } from "node:fs";

export const { version } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as { version: string };
