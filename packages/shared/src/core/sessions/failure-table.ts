/**
 * The store of failed sign-ins in the memory of one process: tables of a fixed size, whatever names
 * and addresses are tried, and the attempts that are under way. It answers at once.
 *
 * A key's place follows from a hash. Whoever keeps the columns chooses it, as one that nobody else
 * can compute, so that nobody can aim at another's place.
 *
 * Accounts have one place each, which they may share with another and which is never given away:
 * how often an account can be guessed at does not hang on how much else is counted. All else has a
 * set of four places; where all four are taken, the count that will be over first has to go.
 */
import type { Applied } from "../awaitable.ts";
import type {
  CountedAttempt,
  CountWrites,
  FailureCount,
  FoundCounts,
  SignInCountStore,
  Turn,
} from "./sign-in-count-store.ts";
import { noFailures } from "./sign-in-limits.ts";

/** A number for each place, and 0 where there is none yet: an array of numbers, or an object. */
type Column = { [place: number]: number };
/**
 * What a column holds: milliseconds since 1970, part of a hash (32 bits), or a number of times (16
 * bits).
 */
type Kind = "time" | "mark" | "count";

const accountColumns = {
  fullAt: "time",
  turnParty: "mark",
  turnUntil: "time",
  turnFailed: "count",
  turnLastAt: "time",
} as const;
const failureColumns = {
  /** What tells the keys of a set apart; 0 where there is none. */
  tag: "mark",
  count: "count",
  failed: "count",
  resetsAt: "time",
  blockedUntil: "time",
  lastAt: "time",
} as const;
type ColumnName = keyof typeof accountColumns | keyof typeof failureColumns;
export type FailureColumns<C extends Column = Column> = Readonly<Record<ColumnName, C>>;

/** How many accounts are told apart, and how many sets all else has. */
export interface FailureTableSize {
  readonly accounts: number;
  readonly sets: number;
}
const placesInSet = 4;

/** The columns of a table in which nothing has been counted. */
export const createFailureColumns = <C extends Column>(
  { accounts, sets }: FailureTableSize,
  createColumn: (kind: Kind, places: number) => C,
): FailureColumns<C> => {
  const create = (kinds: Readonly<Record<string, Kind>>, places: number) =>
    Object.entries(kinds).map(([name, kind]) => [name, createColumn(kind, places)] as const);
  return Object.fromEntries([
    ...create(accountColumns, accounts),
    ...create(failureColumns, sets * placesInSet),
  ]) as FailureColumns<C>;
};

const largestCount = 65_535;

export interface FailureTable extends SignInCountStore {
  read(attempt: CountedAttempt, now: number): FoundCounts;
  apply(attempt: CountedAttempt, expectedVersion: string, writes: CountWrites): Applied;
}

/** Attempts under way, and how many of them there are for each key. */
const createUnderWay = () => {
  /** Those that began first come first. */
  const attempts = new Map<string, { readonly keys: readonly string[]; readonly until: number }>();
  const counts = new Map<string, number>();
  const countOf = (key: string): number => counts.get(key) ?? 0;
  const end = (id: string): void => {
    for (const key of attempts.get(id)?.keys ?? [])
      if (countOf(key) > 1) counts.set(key, countOf(key) - 1);
      else counts.delete(key);
    attempts.delete(id);
  };
  return {
    countOf,
    begin: (id: string, keys: readonly string[], until: number): void => {
      attempts.set(id, { keys, until });
      for (const key of keys) counts.set(key, countOf(key) + 1);
    },
    end,
    /** @returns whether there were any */
    endOverdue: (now: number): boolean => {
      const before = attempts.size;
      for (const [id, { until }] of attempts) {
        if (now < until) break;
        end(id);
      }
      return attempts.size < before;
    },
  };
};

/** The place of an account, or the first one of a set and what tells a key apart there. */
interface Place {
  readonly kind: "account" | "failures";
  readonly first: number;
  readonly tag: number;
}

/** Where an attempt is counted: at each gate, and at its account. */
interface Places {
  readonly gates: readonly Place[];
  readonly account: Place | undefined;
  /** Tells its party apart. Never 0. */
  readonly ownTag: number;
}

/**
 * @param columnsNow those that count: others than before where somebody has put them in their place
 * @param hash two numbers of 32 bits, without a sign, that hang on all of the key
 */
export const createFailureTable = (
  columnsNow: () => FailureColumns,
  { accounts, sets }: FailureTableSize,
  hash: (key: string) => readonly [number, number],
): FailureTable => {
  const underWay = createUnderWay();
  let columns = columnsNow();
  /** Of the whole table: whoever decides and writes in one turn needs none for each key. */
  let version = "0";
  let changes = 0;
  const noteChange = (): void => {
    version = String((changes += 1));
  };
  const lookAtColumns = (): void => {
    const current = columnsNow();
    if (current !== columns) noteChange();
    columns = current;
  };

  /** Hashing costs more than all else, and an attempt is asked for several times. */
  const known = new WeakMap<CountedAttempt, Places>();
  const placesOf = (attempt: CountedAttempt): Places => {
    const before = known.get(attempt);
    if (before) return before;
    const gates = attempt.gates.map(({ kind, key }): Place => {
      const [where, mark] = hash(key);
      const first = kind === "account" ? where % accounts : (where % sets) * placesInSet;
      return { kind, first, tag: mark || 1 };
    });
    const own = gates[attempt.gates.findIndex(({ key }) => key === attempt.party)];
    const account = gates.find(({ kind }) => kind === "account");
    const places = { gates, account, ownTag: own?.tag ?? 1 };
    known.set(attempt, places);
    return places;
  };

  const get = (column: ColumnName, place: number): number => columns[column][place] ?? 0;
  const find = ({ first, tag }: Place): number => {
    for (let place = first; place < first + placesInSet; place += 1)
      if (columns.tag[place] === tag) return place;
    return -1;
  };
  const findRoom = ({ first }: Place): number => {
    let room = first;
    for (let place = first; place < first + placesInSet; place += 1)
      if (get("resetsAt", place) < get("resetsAt", room)) room = place;
    return room;
  };

  const readCount = (at: Place): FailureCount => {
    if (at.kind === "account") return { ...noFailures, blockedUntil: get("fullAt", at.first) };
    const place = find(at);
    return place === -1
      ? noFailures
      : {
          count: get("count", place),
          failed: get("failed", place),
          resetsAt: get("resetsAt", place),
          blockedUntil: get("blockedUntil", place),
          lastAt: get("lastAt", place),
        };
  };
  const writeCount = (at: Place, { blockedUntil, ...count }: FailureCount): void => {
    if (at.kind === "account") {
      columns.fullAt[at.first] = blockedUntil;
      return;
    }
    const known = find(at);
    const place = known === -1 ? findRoom(at) : known;
    columns.tag[place] = at.tag;
    columns.count[place] = Math.min(count.count, largestCount);
    columns.failed[place] = Math.min(count.failed, largestCount);
    columns.resetsAt[place] = count.resetsAt;
    columns.blockedUntil[place] = blockedUntil;
    columns.lastAt[place] = count.lastAt;
  };
  const readTurn = ({ first: place }: Place, ownTag: number): FoundCounts["turn"] => {
    const party = get("turnParty", place);
    return party === 0
      ? null
      : {
          until: get("turnUntil", place),
          failed: get("turnFailed", place),
          lastAt: get("turnLastAt", place),
          isOwn: party === ownTag,
        };
  };
  const writeTurn = ({ first: place }: Place, turn: Turn | null, ownTag: number): void => {
    columns.turnParty[place] = turn === null ? 0 : ownTag;
    columns.turnUntil[place] = turn?.until ?? 0;
    columns.turnFailed[place] = Math.min(turn?.failed ?? 0, largestCount);
    columns.turnLastAt[place] = turn?.lastAt ?? 0;
  };

  return {
    read: (attempt, now) => {
      lookAtColumns();
      if (underWay.endOverdue(now)) noteChange();
      const { gates, account, ownTag } = placesOf(attempt);
      return {
        version,
        counts: gates.map(readCount),
        underWay: attempt.gates.map(({ key }) => underWay.countOf(key)),
        turn: account === undefined ? null : readTurn(account, ownTag),
      };
    },
    apply: (attempt, expectedVersion, { counts = [], turn, begins, ends }) => {
      lookAtColumns();
      if (expectedVersion !== version) return "changed";
      noteChange();
      const { gates, account, ownTag } = placesOf(attempt);
      for (const [index, count] of counts.entries())
        if (count !== null) writeCount(gates[index] as Place, count);
      if (turn !== undefined && account !== undefined) writeTurn(account, turn, ownTag);
      const keys = attempt.gates.map(({ key }) => key);
      if (begins) underWay.begin(begins.id, keys, begins.until);
      if (ends !== undefined) underWay.end(ends);
      return "applied";
    },
  };
};
