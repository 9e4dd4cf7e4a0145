import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, type Config } from "../config.ts";
import {
  deriveMasterSecrets,
  masterSecretBytes,
  parseMasterSecret,
  type MasterSecrets,
} from "../tokens/master-secret.ts";
import { databaseFileOf } from "./data-directory.ts";

/**
 * Finds the master secret: the setting, else the file, else a new file that only
 * its owner can read. A secret is never made anew beside a database that rests on another one.
 * @throws ConfigError
 */
export const openMasterSecrets = (config: Config): MasterSecrets => {
  const file = join(config.dataDirectory, "secret");
  let current = config.secret;
  if (current === null && existsSync(file)) {
    const secret = parseMasterSecret(readFileSync(file, "utf8").trim());
    if (typeof secret === "string") throw new ConfigError([`The secret in ${file} ${secret}`]);
    current = secret;
  }
  if (current === null) {
    const database = databaseFileOf(config);
    if (existsSync(database))
      throw new ConfigError([
        `${file} is missing, though there is a database that rests on it: ${database}. Put it back, or set SALLYPORT_SECRET.`,
      ]);
    current = randomBytes(masterSecretBytes);
    // Under another name until it is on disk: half a secret would keep every later start from its
    // data.
    const unfinished = `${file}.new`;
    rmSync(unfinished, { force: true });
    writeFileSync(unfinished, `${current.toString("base64url")}\n`, {
      mode: 0o600,
      flag: "wx",
      flush: true,
    });
    renameSync(unfinished, file);
  }
  return deriveMasterSecrets(current, config.previousSecrets);
};
