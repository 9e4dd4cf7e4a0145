import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Stores } from "@sallyport/shared/core";
import type { Config } from "../config.ts";

/** Where the setup link is written that no terminal has shown. */
export const setupLinkFile = (config: Config): string => join(config.dataDirectory, "setup-link");

/** A spent link is worth nothing, but whoever finds it cannot know. */
export const removeSetupLink = (config: Config): void =>
  rmSync(setupLinkFile(config), { force: true });

/** It may have been spent while nobody could delete it, or at another instance. */
export const removeSpentSetupLink = async (
  config: Config,
  { users }: Pick<Stores, "users">,
): Promise<void> => {
  if (await users.hasAdmin()) removeSetupLink(config);
};
