/** Once for a whole run: where the package is packed, by whichever test file needs it first. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const place = await realpath(await mkdtemp(join(tmpdir(), "sallyport-packing-")));
  provide("packingPlace", place);
  return () => rm(place, { recursive: true, force: true });
};
