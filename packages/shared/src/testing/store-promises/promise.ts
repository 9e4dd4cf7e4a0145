/** What the promises of all domains are made with. */
import {
  AppError,
  type AuditAction,
  type AuditEvent,
  type ExpectedRights,
  type FoundRole,
  type NewUser,
  type Grant,
  type GrantHolder,
  type Stores,
} from "../../core/core.ts";
import { holds, same } from "../differences.ts";

type Arguments<F> = F extends (...given: infer Given) => unknown ? Given : never;

/** What can be done to a database past every store. */
export interface Database {
  /**
   * By hand, as a person with the database's own client does. @throws where the database refuses
   */
  query(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Somebody else lets nobody write until they are asked to end it. */
  block(): Promise<() => Promise<void>>;
  /** From now on the database refuses to delete this row. */
  keepRow(table: "audit_events" | "sessions", id: string): Promise<void>;
  /**
   * Has a store do this where it is cut off as soon as the audit event that comes with the change
   * is written, and before anything is committed: by the end of its process, or of its connection.
   */
  cutOff<D extends keyof Stores, M extends keyof Stores[D]>(
    domain: D,
    method: M,
    ...given: Arguments<Stores[D][M]>
  ): Promise<void>;
}

/**
 * Stores of these domains, on an installation with the sample's people, roles and sections of its
 * own.
 */
export interface StoreSubject<Domain extends keyof Stores = keyof Stores> {
  readonly stores: Pick<Stores, Domain>;
  /** The same, as another process has them. */
  readonly others: Pick<Stores, Domain>;
  /** Milliseconds since 1970. */
  readonly now: number;
  newId(prefix: "ses" | "usr" | "rol" | "dat" | "sec" | "pan"): string;
  /** By hand, past every store. */
  deactivate(username: string): Promise<void>;
  /** How many events of this action the audit trail has. */
  countEvents(action: AuditAction): Promise<number>;
  /** Undefined for what is kept in memory only. */
  readonly database?: Database;
}

export interface StorePromise<Domain extends keyof Stores> {
  readonly name: string;
  /** It is about what can happen to a database, and nobody keeps it in memory. */
  readonly isOfDatabases: boolean;
  run(subject: StoreSubject<Domain>): Promise<void>;
}

/** How promises of a domain are written down that need these stores. */
export const promisesOn = <Domain extends keyof Stores>() => ({
  promise: (name: string, run: StorePromise<Domain>["run"]): StorePromise<Domain> => ({
    name,
    isOfDatabases: false,
    run,
  }),
  promiseOfDatabases: (
    name: string,
    run: (subject: StoreSubject<Domain>, database: Database) => Promise<void>,
  ): StorePromise<Domain> => ({
    name,
    isOfDatabases: true,
    run: (subject) => {
      holds(subject.database !== undefined, "there is a database");
      return run(subject, subject.database);
    },
  }),
});

/** 32 bytes that are told apart by a number. */
export const bytes = (number: number): Uint8Array => new Uint8Array(32).fill(number);

export const eventOf = (
  { now }: Pick<StoreSubject, "now">,
  action: AuditAction,
  about: Partial<AuditEvent> = {},
): AuditEvent => ({ at: now, action, result: "success", ...about });

export const userIdOf = async (
  { stores }: StoreSubject<"users">,
  username: string,
): Promise<string> => {
  const user = await stores.users.find(username);
  holds(user !== null, `${username} is one of the sample's people`);
  return user.id;
};

export const epochOf = async (
  { stores }: StoreSubject<"users">,
  username: string,
): Promise<number> => (await stores.users.find(username))?.epoch ?? 0;

/** Whatever has become of anybody's rights. */
export const asTheyAre: ExpectedRights = { users: [], roles: [] };

/** Somebody who is in these roles, as they were read. */
export const addUser = (
  { users }: Pick<Stores, "users">,
  user: NewUser,
  roles: readonly Pick<FoundRole, "id" | "epoch">[],
  audit: AuditEvent,
): ReturnType<Stores["users"]["add"]> =>
  users.add([{ user, roleIds: roles.map(({ id }) => id), link: null, audit }], {
    users: [],
    roles,
  });

/** Puts a user, as they are now, into roles as they were read, and takes them out of others. */
export const changeRoles = async (
  { users }: Pick<Stores, "users">,
  userId: string,
  {
    add = [],
    remove = [],
  }: {
    readonly add?: readonly Pick<FoundRole, "id" | "epoch">[];
    readonly remove?: readonly string[];
  },
  audit: AuditEvent,
): ReturnType<Stores["users"]["apply"]> => {
  const found = await users.read(userId);
  holds(found !== null, "the user is there");
  const { epoch, version } = found.user;
  return users.apply(
    { id: userId, version },
    { users: [{ id: userId, epoch }], roles: add },
    { roles: { add: add.map(({ id }) => id), remove } },
    audit,
  );
};
/** A grant by a store alone, whatever anybody may give. */
export const giveGrant = async (
  grants: Pick<Stores["grants"], "apply">,
  holder: GrantHolder,
  section: string,
  at: number,
  expiresAt: number | null = null,
): Promise<Grant> => {
  grantsGiven += 1;
  const grant = {
    id: `grt_${String(grantsGiven).padStart(22, "0")}`,
    holder,
    section,
    expiresAt,
    createdAt: at,
  };
  const audit = [{ at, action: "grant.add", result: "success" } as const];
  same(
    await grants.apply(asTheyAre, { remove: [], change: [], add: [grant], audit }),
    "applied",
    "the grant",
  );
  return grant;
};
let grantsGiven = 0;

/** These at once, half of them as another process asks; how often which outcome came. */
export const countOutcomes = async <Domain extends keyof Stores>(
  { stores, others }: StoreSubject<Domain>,
  times: number,
  write: (stores: Pick<Stores, Domain>, index: number) => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> => {
  const outcomes = await Promise.all(
    Array.from({ length: times }, (_, index) => write(index % 2 === 0 ? stores : others, index)),
  );
  const counted: Record<string, number> = {};
  for (const outcome of outcomes) counted[String(outcome)] = (counted[String(outcome)] ?? 0) + 1;
  return counted;
};

/** Each of these is refused as `busy` while somebody else lets nobody write. */
export const areBusy = async (
  database: Database,
  writes: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> => {
  const unblock = await database.block();
  const outcomes = await Promise.allSettled(Object.values(writes).map((write) => write()));
  await unblock();
  const told = outcomes.map((outcome) =>
    outcome.status === "fulfilled"
      ? "done"
      : outcome.reason instanceof AppError
        ? outcome.reason.code
        : String(outcome.reason),
  );
  same(
    Object.fromEntries(Object.keys(writes).map((name, index) => [name, told[index]])),
    Object.fromEntries(Object.keys(writes).map((name) => [name, "busy"])),
    "what is said",
  );
};

/** The database refuses this to whoever asks by hand. */
export const isRefused = async (database: Database, statement: string): Promise<void> => {
  let refused = false;
  try {
    await database.query(statement);
  } catch {
    refused = true;
  }
  holds(refused, `refused: ${statement}`);
};

export const countRows = async (database: Database, table: string): Promise<number> =>
  Number((await database.query(`SELECT count(*) AS rows_there FROM ${table}`))[0]?.["rows_there"]);

/** As many rows as are purged in several batches, numbered from 1 as `n.i`. */
export const manyRows = 2_000;
export const numbered = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${manyRows})`;

/**
 * The row of this id cannot be deleted, so that the purge fails there; what it has deleted before
 * that stays deleted, so that it is no one long write which keeps others waiting.
 */
export const goesInBatches = async (
  database: Database,
  table: "audit_events" | "sessions",
  id: string,
  purge: () => Promise<unknown>,
): Promise<void> => {
  const before = await countRows(database, table);
  await database.keepRow(table, id);
  const [outcome] = await Promise.allSettled([purge()]);
  same(outcome.status, "rejected", "the purge");
  const gone = before - (await countRows(database, table));
  holds(gone > 0 && gone < manyRows, `some are gone, and not all: ${gone} of ${manyRows}`);
};
