import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Stores } from "@sallyport/shared/core";
import type { Config } from "../config.ts";

/** Where the setup link is written that no terminal has shown. */
export const setupLinkFile = (config: Config): string => join(config.dataDirectory, "setup-link");

/** A spent link is worth nothing, but whoever finds it cannot know. */
export const removeSpentSetupLink = async (
  config: Config,
  { users }: Pick<Stores, "users">,
): Promise<void> => {
  if (await users.hasAdmin()) rmSync(setupLinkFile(config), { force: true });
};
