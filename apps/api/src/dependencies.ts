/** The composition root: everything the app is made of, built once. Tests build the same thing with a few overrides. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { pino, type Logger } from "pino";
import {
  accessAsked,
  bodyLimitBytes,
  AppError,
  createLiveChanges,
  createOrigins,
  createRateLimit,
  createRefreshLimits,
  createSignInQueue,
  createTokenCookies,
  decideAccess,
  type LiveChanges,
} from "@sallyport/shared/rules";
import { createSystemClock, type Clock } from "./clock.ts";
import { ConfigError, type Config } from "./config.ts";
import { DataUnusable, openDatabase, type Database } from "./database/connection.ts";
import { createFileLock } from "./database/file-lock.ts";
import { createSqliteStore } from "./database/sqlite-store.ts";
import type { Store } from "./database/store.ts";
import { createWriter } from "./database/writer.ts";
import type { AnsweringDependencies } from "./http/answer-requests.ts";
import type { Handlers } from "./http/endpoint.ts";
import { createAddressReader } from "./http/client-address.ts";
import { createQueryWorkers } from "./queries/query-workers.ts";
import { createDatasetHandlers } from "./datasets/dataset-handlers.ts";
import { createDatasetRegister, type DatasetRegister } from "./datasets/dataset-register.ts";
import { createImports, type Imports } from "./datasets/imports.ts";
import { listOrphans } from "./datasets/tables.ts";
import { createQueryRunner } from "./queries/run-query.ts";
import { createDefinitionHandlers } from "./sections/definitions.ts";
import { createSectionHandlers } from "./sections/sections.ts";
import { createDiscoveryHandlers } from "./discovery/discovery.ts";
import { createFailureTable } from "./sessions/failure-table.ts";
import { createIdentify, isCsrfTokenOf } from "./sessions/identify.ts";
import { createRefusedSignIns } from "./sessions/refused-sign-ins.ts";
import { createSessionHandlers } from "./sessions/sessions.ts";
import { createSetupHandlers } from "./sessions/setup.ts";
import { createAccessTokens } from "./tokens/access-token.ts";
import {
  deriveMasterSecrets,
  masterSecretBytes,
  parseMasterSecret,
  type MasterSecrets,
} from "./tokens/master-secret.ts";
import { openSigningKeys, type SigningKeys } from "./tokens/signing-keys.ts";
import { createPasswords, type Passwords } from "./users/passwords.ts";
import { version } from "./version.ts";

const day = 24 * 60 * 60 * 1000;
const bytesPerMebibyte = 1024 * 1024;

/** A session's row is kept this long after its end, so that an old token of it is still recognised. */
export const keepDeadSessionsMilliseconds = 30 * day;

const databaseFileOf = (config: Config): string =>
  config.databaseFile ?? join(config.dataDirectory, "sallyport.db");

/**
 * Prepares the data directory and finds the master secret: the setting, else the file, else a new file that only
 * its owner can read. A secret is never made anew beside a database that rests on another one.
 * @throws ConfigError
 */
const openMasterSecrets = (config: Config): MasterSecrets => {
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
    // Under another name until it is on disk: half a secret would keep every later start from its data.
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

/** The file that marks a data directory as holding sample data. */
export const sampleMarker = "sample-data";

/** With `recursive`, Node asks for ever where the system says that the parent is missing although it is there, as in /proc. */
const makeDirectory = (directory: string): void => {
  const make = (): void => mkdirSync(directory, { mode: 0o700 });
  try {
    make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(directory).isDirectory()) return;
    if (code !== "ENOENT" || dirname(directory) === directory) throw error;
    makeDirectory(dirname(directory));
    make();
  }
};

/** While a process prepares the data directory, it holds a lock on this file in it. */
const startLock = "start-lock";
const longestPreparationMilliseconds = 60_000;

/**
 * Makes the data directory and prepares it, while no other process does: two that start at once on an empty one
 * would each make a secret, the sample data and keys of their own.
 * @throws DataUnusable when another process has been preparing it for a minute
 */
const preparing = async <T>({ dataDirectory }: Config, prepare: () => Promise<T>): Promise<T> => {
  makeDirectory(dataDirectory);
  const lock = createFileLock(join(dataDirectory, startLock));
  try {
    const deadline = performance.now() + longestPreparationMilliseconds;
    if (!(await lock.acquire(() => performance.now() > deadline)))
      throw new DataUnusable(
        `Another process has been preparing the data directory ${dataDirectory} for a minute. Wait for it or end it, and start again.`,
      );
    return await prepare();
  } finally {
    lock.close();
  }
};

/** @throws ConfigError when sample data is asked for and the directory holds real data */
const markSampleData = (config: Config): void => {
  if (!config.sampleData) return;
  const marker = join(config.dataDirectory, sampleMarker);
  if (readdirSync(config.dataDirectory).every((name) => name.startsWith(startLock)))
    writeFileSync(marker, "This directory holds the sample data. Nothing of it is real.\n");
  if (!existsSync(marker))
    throw new ConfigError([
      `SALLYPORT_SAMPLE_DATA: ${config.dataDirectory} holds real data, which never receives samples. Name an empty directory in SALLYPORT_DATA_DIR, or leave SALLYPORT_SAMPLE_DATA unset.`,
    ]);
};

export interface Dependencies {
  readonly config: Config;
  readonly log: Logger;
  readonly database: Database;
  readonly store: Store;
  readonly keys: SigningKeys;
  readonly passwords: Passwords;
  readonly now: () => number;
  readonly handlers: Handlers;
  readonly datasets: DatasetRegister;
  readonly imports: Imports;
  readonly answering: AnsweringDependencies;
  readonly liveChanges: LiveChanges;
  /** What is due every hour: dead families and old audit events purged, signing keys renewed. */
  maintain(): Promise<void>;
  /** From now on `/readyz` says no, and streams of events end. */
  beginShutdown(): void;
  /** Waits for the last write and closes the database. */
  close(): Promise<void>;
}

export interface Overrides {
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly passwords?: Passwords;
  readonly reportFault?: (error: unknown, requestId: string) => void;
}

/** @throws ConfigError what is wrong with the settings or the data directory */
export const createDependencies = async (
  config: Config,
  overrides: Overrides = {},
): Promise<Dependencies> => {
  const clock = overrides.clock ?? createSystemClock();
  const now = (): number => clock.now();
  const log =
    overrides.log ??
    pino(
      { level: config.logLevel },
      pino.destination({ sync: false, minLength: 16_000, periodicFlush: 1000 }),
    );
  const passwords =
    overrides.passwords ??
    (await createPasswords({
      concurrency: Math.max(1, availableParallelism() - 1),
      queueLimit: 64,
    }));
  const { secrets, database, writer, store, keys } = await preparing(config, async () => {
    markSampleData(config);
    const secrets = openMasterSecrets(config);
    const database = openDatabase(databaseFileOf(config), version);
    const writer = createWriter(database.sqlite, clock, (isWritable, error) => {
      if (isWritable) log.info("the disk can be written again");
      else
        log.error(
          { err: error, dataDirectory: config.dataDirectory },
          "the disk is full or cannot be written: whatever writes is answered with 503 until there is room",
        );
    });
    const store = createSqliteStore(database, writer);
    const keys = await openSigningKeys(store, secrets, clock);

    // Loaded in one transaction, and only by those who ask for it: a start that is cut off leaves nothing half done.
    if (config.sampleData) {
      const { hasSampleData, isEmptyDatabase, loadSampleData } =
        await import("./sample/load-sample-data.ts");
      if (!hasSampleData(database)) {
        if (!isEmptyDatabase(database))
          throw new ConfigError([
            "SALLYPORT_SAMPLE_DATA: the database holds real data, which never receives samples. Leave SALLYPORT_SAMPLE_DATA unset.",
          ]);
        await loadSampleData(database, { hashPassword: passwords.hash, now });
      }
    }
    return { secrets, database, writer, store, keys };
  });

  const cookies = createTokenCookies({
    mode: config.cookieMode,
    instance: config.instance,
    publicUrl: config.publicUrl,
  });
  const origins = createOrigins(config.webOrigins, config.publicUrl);
  const tokens = createAccessTokens({
    keys,
    secrets,
    issuer: config.publicUrl,
    audience: config.publicUrl,
    ttlSeconds: config.accessTtlSeconds,
    encrypted: config.accessToken === "jwe",
  });
  const reportFault =
    overrides.reportFault ??
    ((error: unknown, requestId: string): void => log.error({ err: error, requestId }, "fault"));
  let shuttingDown = false;

  const refusedSignIns = createRefusedSignIns({
    now,
    store: (event) => store.addAuditEvent(event),
    reportFault,
  });
  const stopCounting = clock.every(60_000, () => refusedSignIns.flush());

  const session = {
    store,
    tokens,
    secrets,
    cookies,
    now,
    idleMilliseconds: config.sessionIdleSeconds * 1000,
    absoluteMilliseconds: config.sessionAbsoluteSeconds * 1000,
    passwords,
    origins,
    signInQueue: createSignInQueue({ counts: createFailureTable(), clock }),
  };
  const refreshLimits = createRefreshLimits(config.refreshPerMinute);
  const repeatedDenials = createRateLimit({
    name: "repeated denial",
    limit: 1,
    windowSeconds: 60,
  });
  const denials = createRateLimit({
    name: "denial",
    limit: 20,
    windowSeconds: 60,
  });
  const imports = createImports({
    databaseFile: databaseFileOf(config),
    dataDirectory: config.dataDirectory,
    retiredMilliseconds: 2_000 * config.querySeconds,
    hasOrphans: () => listOrphans(database.sqlite).length > 0,
  });
  const datasets = createDatasetRegister({ database, writer, imports });
  const liveChanges = createLiveChanges({
    store,
    clock,
    reportFault: (error) => reportFault(error, "live changes"),
  });
  const workers = createQueryWorkers({
    file: databaseFileOf(config),
    milliseconds: config.querySeconds * 1000,
  });
  const runQuery = createQueryRunner({ workers, now, seconds: config.querySeconds });
  const repeatedOrigins = createRateLimit({
    name: "repeated origin",
    limit: 1,
    windowSeconds: 3_600,
    largestSize: 100,
  });
  const unlistedOrigins = createRateLimit({
    name: "unlisted origin",
    limit: 10,
    windowSeconds: 3_600,
  });
  const handlers: Handlers = {
    ...createSessionHandlers({ ...session, refusedSignIns, refreshLimits }),
    ...liveChanges.handlers,
    ...createSetupHandlers(session),
    ...createSectionHandlers({
      store,
      runQuery,
      reportFailure: ({ error, ...failure }) =>
        log.error({ err: error, ...failure }, "panel failed"),
    }),
    ...createDefinitionHandlers({
      store,
      publicUrl: config.publicUrl,
      now,
      ensureIndexes: imports.ensureIndexes,
      reportFault,
    }),
    ...createDatasetHandlers({ datasets, imports, now }),
    ...createDiscoveryHandlers({
      store,
      keys,
      cookies,
      publicUrl: config.publicUrl,
      version,
      isShuttingDown: () => shuttingDown,
    }),
  };

  const authorize: AnsweringDependencies["authorize"] = (access, caller, params, query) => {
    const needed = accessAsked(access, query);
    const decide = (
      permissions: readonly string[],
      section: Parameters<typeof decideAccess>[2],
    ): void => {
      const refusal = decideAccess(
        needed,
        { sections: caller?.sections ?? null, permissions },
        section,
      );
      if (refusal !== null) throw new AppError(refusal);
    };
    if (typeof needed === "string") return decide([], null);
    return (async () => {
      const slug = "section" in needed ? (params[needed.section] ?? "") : null;
      const permissions =
        "permission" in needed && caller
          ? ((await store.readUserRights(caller.userId))?.permissions ?? [])
          : [];
      decide(
        permissions,
        slug === null ? null : { slug, visibility: await store.readSectionVisibility(slug) },
      );
    })();
  };

  return {
    config,
    log,
    database,
    store,
    keys,
    passwords,
    now,
    handlers,
    datasets,
    imports,
    liveChanges,
    answering: {
      publicUrl: config.publicUrl,
      origins,
      bodyLimitBytes,
      uploadLimitBytes: config.uploadLimitMebibytes * bytesPerMebibyte,
      identify: createIdentify({ store, tokens, cookies, now }),
      authorize,
      checkCsrfToken: (caller, token) => isCsrfTokenOf(secrets, caller.sessionId, token),
      recordDenial: ({ caller, code, target, context: { address, userAgent, requestId } }) => {
        // One of a kind a minute, and twenty of all kinds: neither a page that asks on and on nor a user who tries every address fills the trail.
        if (
          !repeatedDenials.take(`${caller.userId} ${code} ${target}`, now()).allowed ||
          !denials.take(caller.userId, now()).allowed
        )
          return;
        const subject = {
          actorUserId: caller.userId,
          sessionId: caller.sessionId,
          address,
          userAgent,
          requestId,
        };
        store
          .addAuditEvent({
            at: now(),
            action: "access.denied",
            result: "failure",
            ...subject,
            detail: { code, target },
          })
          .catch((error: unknown) => reportFault(error, requestId));
      },
      readAddress: createAddressReader(config.trustedProxies, (problem, facts) =>
        log.warn({ ...facts, trustedProxies: config.trustedProxies }, problem),
      ),
      noteUnlistedOrigin: (origin) => {
        const named = origin.slice(0, 200);
        // Whoever can reach us can name any origin: a few an hour are enough to find a mistake by.
        if (
          !repeatedOrigins.take(named, now()).allowed ||
          !unlistedOrigins.take("all", now()).allowed
        )
          return;
        log.warn(
          { origin: named, webOrigins: config.webOrigins },
          "a page on this origin asks for something, but the origin is not listed in SALLYPORT_WEB_ORIGINS: to its browser this API looks as if it did not answer",
        );
      },
      logRequest: (entry) => log.info(entry, "request"),
      reportFault,
    },
    maintain: async () => {
      const purged = await store.purgeSessions(now() - keepDeadSessionsMilliseconds);
      await keys.maintain();
      if (purged > 0) log.info({ purged }, "dead sessions purged");
      const forgotten = await store.purgeAuditEvents(now() - config.auditDays * day);
      if (forgotten > 0)
        log.info({ purged: forgotten, days: config.auditDays }, "old audit events purged");
      await imports.sweep();
    },
    beginShutdown: () => {
      shuttingDown = true;
      imports.stop();
      liveChanges.close();
    },
    close: async () => {
      liveChanges.close();
      await workers.close();
      await imports.close();
      stopCounting();
      refusedSignIns.flush(true);
      await writer.drain();
      database.close();
    },
  };
};
