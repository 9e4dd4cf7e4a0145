/**
 * The composition root: what is built from what, once. Tests build the same with a few overrides.
 */
import { availableParallelism } from "node:os";
import { pino, type Logger } from "pino";
import {
  bodyLimitBytes,
  createAuthorize,
  createDatasetRegister,
  createDenials,
  createDisplays,
  createForgottenPasswords,
  createIdentify,
  createKeyedRequests,
  createLiveChanges,
  createMailSending,
  createOrigins,
  createRefreshLimits,
  createRefusedSignIns,
  createScheduledWork,
  createSignInQueue,
  createTokenCookies,
  keptKeysMilliseconds,
  keptMailsMilliseconds,
  keptRequestsMilliseconds,
  type DatasetRegister,
  type Handlers,
  type LiveChanges,
  type Passwords,
  type ScheduledWork,
  type Stores,
} from "@sallyport/shared/core";
import { createHandlers, type AnsweringDependencies } from "@sallyport/shared/handlers";
import { createSystemClock, type Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import type { ServingDependencies } from "./http/answer-requests.ts";
import { createAddressReader } from "./http/client-address.ts";
import { gunzip } from "./http/request.ts";
import { createUnlistedOrigins } from "./http/unlisted-origins.ts";
import { diskUnwritable, isUnwritableDisk } from "./http/unwritable-disk.ts";
import { databaseFileOf, preparing } from "./installation/data-directory.ts";
import { loadSampleDataOnce, markSampleData } from "./installation/sample-data.ts";
import { removeSetupLink, removeSpentSetupLink } from "./installation/setup-link.ts";
import { openMasterSecrets } from "./installation/secret-file.ts";
import { createMailbox, type Mailbox } from "./mail/mailbox.ts";
import type { Imports } from "./stores/imports.ts";
import { openDatabase } from "./stores/sqlite/connection.ts";
import { createFileLock } from "./stores/sqlite/file-lock.ts";
import { describeResult } from "./stores/sqlite/queries/compile-query.ts";
import { createQueryWorkers } from "./stores/sqlite/queries/query-workers.ts";
import { createQueryRunner } from "./stores/sqlite/queries/run-query.ts";
import { createImports } from "./stores/sqlite/rows/imports.ts";
import { listOrphans } from "./stores/sqlite/rows/tables.ts";
import type { openLog } from "./stores/sqlite/log.ts";
import { createSqliteStores } from "./stores/sqlite/stores.ts";
import { createWriter } from "./stores/sqlite/writer.ts";
import { createAccessTokens } from "./tokens/access-token.ts";
import { chance, digests } from "./tokens/chance.ts";
import { createCsrfTokens } from "./tokens/csrf-token.ts";
import { createLots } from "./tokens/lots.ts";
import { createRefreshTokens } from "./tokens/refresh-token.ts";
import { createSealing } from "./tokens/sealing.ts";
import { jwksLifeSeconds, openSigningKeys, type SigningKeys } from "./tokens/signing-keys.ts";
import { createPasswords } from "./users/passwords.ts";
import { version } from "./version.ts";

// What the command-line tool says of it, beside what it does through the stores.
export { explainDatabaseFailure } from "./stores/sqlite/explain-failure.ts";
// For whoever serves others: a command waits for the disk itself.
export { openLog } from "./stores/sqlite/log.ts";

const day = 24 * 60 * 60 * 1000;
const bytesPerMebibyte = 1024 * 1024;

/**
 * A session's row is kept this long after its end, so that an old token of it is still recognised.
 */
export const keepDeadSessionsMilliseconds = 30 * day;

/** A mail that is under way when the process ends is given so long; then it is sent again later. */
const closingMailMilliseconds = 2_000;

export interface Dependencies {
  readonly config: Config;
  readonly log: Logger;
  readonly stores: Stores;
  readonly keys: SigningKeys;
  readonly passwords: Passwords;
  readonly now: () => number;
  readonly handlers: Handlers;
  readonly datasets: DatasetRegister;
  readonly imports: Imports;
  /** Null where mails are sent, or nothing becomes of them. */
  readonly mailbox: Mailbox | null;
  readonly answering: AnsweringDependencies & ServingDependencies;
  readonly liveChanges: LiveChanges;
  /** What is done by the clock; whoever serves starts it. */
  readonly scheduledWork: ScheduledWork;
  /** Does what is due of it now. */
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
  /**
   * For whoever serves others meanwhile: a thread that waits for the disk. Otherwise each commit
   * waits for it.
   */
  readonly openLog?: typeof openLog;
  /** Opens the database as `openDatabase` does, for whoever keeps hold of it. */
  readonly openDatabase?: typeof openDatabase;
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
  const file = databaseFileOf(config);
  const workers = createQueryWorkers({ file, milliseconds: config.querySeconds * 1000 });
  const queries = {
    run: createQueryRunner({ workers, now, seconds: config.querySeconds }),
    describe: describeResult,
  };
  const { secrets, database, diskLog, writer, imports, stores, keys } = await preparing(
    config,
    createFileLock,
    async () => {
      markSampleData(config);
      const secrets = openMasterSecrets(config);
      const database = (overrides.openDatabase ?? openDatabase)(file, version);
      const diskLog = overrides.openLog?.(database.sqlite);
      const tellOfDisk = (isWritable: boolean, error?: unknown): void => {
        if (isWritable) log.info("the disk can be written again");
        else
          log.error(
            { err: error, dataDirectory: config.dataDirectory },
            "the disk is full or cannot be written: whatever writes is answered with 503 until there is room",
          );
      };
      const writer = createWriter(database.sqlite, clock, tellOfDisk, diskLog);
      const imports = createImports({
        databaseFile: file,
        dataDirectory: config.dataDirectory,
        retiredMilliseconds: 2_000 * config.querySeconds,
        hasOrphans: () => listOrphans(database.sqlite).length > 0,
      });
      const stores = createSqliteStores({ database, now, writer, imports, queries });
      const keys = await openSigningKeys(stores, secrets, clock);
      await loadSampleDataOnce(
        config,
        async () =>
          (await import("./stores/sqlite/load-sample-data.ts")).createSampleStore(database),
        { hashPassword: passwords.hash, now },
      );
      // Sample data does not go through the writer, and is to be on disk all the same.
      await diskLog?.sync();
      return { secrets, database, diskLog, writer, imports, stores, keys };
    },
  );

  const { publicUrl } = config;
  const cookies = createTokenCookies({
    mode: config.cookieMode,
    instance: config.instance,
    publicUrl,
  });
  const origins = createOrigins(config.webOrigins, publicUrl);
  const tokens = createAccessTokens({
    keys,
    secrets,
    issuer: publicUrl,
    audience: publicUrl,
    ttlSeconds: config.accessTtlSeconds,
    encrypted: config.accessToken === "jwe",
  });
  const csrfTokens = createCsrfTokens(secrets);
  const reportFault =
    overrides.reportFault ??
    ((error: unknown, requestId: string): void => log.error({ err: error, requestId }, "fault"));
  let shuttingDown = false;

  const refusedSignIns = createRefusedSignIns({
    now,
    store: (event) => stores.audit.add(event),
    reportFault,
  });
  const displays = createDisplays({ stores, digests, now });
  const liveChanges = createLiveChanges({
    stores,
    displays,
    clock,
    reportFault: (error) => reportFault(error, "live changes"),
  });
  const sealing = createSealing(secrets);
  const keyedRequests = createKeyedRequests({
    store: stores.idempotencyKeys,
    digests,
    sealing,
    now,
  });
  const mailbox = config.mailbox ? createMailbox() : null;
  const smtpMailer =
    config.smtp !== null && config.mailFrom !== null
      ? // Only where there is one, so that nothing else waits for its code.
        (await import("./mail/smtp-mailer.ts")).createSmtpMailer(config.smtp, config.mailFrom)
      : null;
  const mailSending = createMailSending({
    outbox: stores.outbox,
    mailer: mailbox ?? smtpMailer,
    sealing,
    digests,
    webUrl: config.webUrl,
    now,
    reportFailure: (failure) => log.warn(failure, "a mail could not be sent"),
  });
  const forgottenPasswords = createForgottenPasswords({ stores, chance, digests, sealing, now });
  const scheduledWork = createScheduledWork({
    store: stores.scheduledWork,
    clock,
    holder: chance.requestId(),
    reportFault: (error, job) => log.error({ err: error, job }, "scheduled work failed"),
    runs: {
      purgeSessions: async () => {
        const purged = await stores.sessions.purge(now() - keepDeadSessionsMilliseconds);
        if (purged > 0) log.info({ purged }, "dead sessions purged");
      },
      purgeAuditEvents: async () => {
        const purged = await stores.audit.purge(now() - config.auditDays * day);
        if (purged > 0) log.info({ purged, days: config.auditDays }, "old audit events purged");
      },
      purgeGrants: async () => {
        const purged = await stores.grants.purge(now());
        if (purged > 0) log.info({ purged }, "grants that have ended purged");
      },
      purgeAccessRequests: async () => {
        const { answered, asked } = keptRequestsMilliseconds;
        await stores.accessRequests.purge({ answered: now() - answered, asked: now() - asked });
      },
      // An ended one is still seen in its list for a while.
      purgeDisplayLinks: async () => void (await stores.displayLinks.purge(now() - 30 * day)),
      purgeMails: async () => void (await stores.outbox.purge(now() - keptMailsMilliseconds)),
      purgeIdempotencyKeys: async () =>
        void (await stores.idempotencyKeys.purge(now() - keptKeysMilliseconds)),
      rotateSigningKeys: () => keys.maintain(),
      loadSigningKeys: () => keys.load(),
      sweepImports: () => imports.sweep(),
      removeSpentSetupLink: () => removeSpentSetupLink(config, stores),
      storeRefusedSignIns: () => refusedSignIns.flush(),
      holdIdempotencyKeys: () => keyedRequests.holdOn(),
      sendMails: async () => {
        await forgottenPasswords.run();
        await mailSending.run();
      },
    },
  });
  const datasets = createDatasetRegister({ stores, chance });
  const handlers = createHandlers({
    stores,
    displays,
    lots: createLots(secrets),
    sealing,
    forgottenPasswords,
    sendsMail: () => mailbox !== null || smtpMailer !== null,
    datasets,
    chance,
    digests,
    tokens,
    refreshTokens: createRefreshTokens(secrets),
    csrfTokens,
    passwords,
    cookies,
    origins,
    signInQueue: createSignInQueue({
      counts: stores.signInCounts,
      newAttemptId: chance.requestId,
      clock,
    }),
    refusedSignIns,
    refreshLimits: createRefreshLimits(stores.limits, config.refreshPerMinute),
    now,
    idleMilliseconds: config.sessionIdleSeconds * 1000,
    absoluteMilliseconds: config.sessionAbsoluteSeconds * 1000,
    liveChanges,
    keys: { jwks: keys.jwks, lifeSeconds: jwksLifeSeconds },
    webUrl: config.webUrl,
    publicUrl,
    version,
    isShuttingDown: () => shuttingDown,
    noteSetUp: () => {
      try {
        removeSetupLink(config);
      } catch (error) {
        // An hour later it is tried again.
        reportFault(error, "setup link");
      }
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    reportPanelFailure: ({ error, ...failure }) =>
      log.error({ err: error, ...failure }, "panel failed"),
    reportFault,
  });

  return {
    config,
    log,
    stores,
    keys,
    passwords,
    now,
    handlers,
    datasets,
    imports,
    mailbox,
    liveChanges,
    answering: {
      publicUrl,
      origins,
      bodyLimitBytes,
      uploadLimitBytes: config.uploadLimitMebibytes * bytesPerMebibyte,
      chance,
      digests,
      csrfTokens,
      gunzip,
      keyedRequests,
      identify: createIdentify({ stores, tokens, cookies, displays, now }),
      authorize: createAuthorize(stores),
      now,
      elapsed: () => performance.now(),
      recordDenial: createDenials({ audit: stores.audit, now, reportFault }),
      noteUnlistedOrigin: createUnlistedOrigins(now, (facts, problem) =>
        log.warn({ ...facts, webOrigins: config.webOrigins }, problem),
      ),
      logRequest: (entry) => log.info(entry, "request"),
      expectedOf: (thrown) => (isUnwritableDisk(thrown) ? diskUnwritable(thrown) : null),
      reportFault,
      settled: writer.settled,
      readAddress: createAddressReader(config.trustedProxies, (problem, facts) =>
        log.warn({ ...facts, trustedProxies: config.trustedProxies }, problem),
      ),
    },
    scheduledWork,
    maintain: async () => {
      await scheduledWork.runDue();
      await scheduledWork.runOwn("loadSigningKeys");
      await scheduledWork.runOwn("sweepImports");
      await scheduledWork.runOwn("removeSpentSetupLink");
      await scheduledWork.runOwn("sendMails");
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
      smtpMailer?.close(closingMailMilliseconds);
      await mailSending.stop();
      refusedSignIns.flush(true);
      await writer.drain();
      await diskLog?.close();
      database.close();
    },
  };
};
