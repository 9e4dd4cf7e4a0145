/**
 * Where failed sign-ins are counted: in tables of a fixed size, whatever names and addresses are
 * tried. A key's place follows from a hash. Whoever keeps the columns chooses it, as one that
 * nobody else can compute, so that nobody can aim at another's place.
 *
 * Accounts have one place each, which they may share with another and which is never given away:
 * how often an account can be guessed at does not hang on how much else is counted. All else has a
 * set of four places; where all four are taken, the count that will be over first has to go.
 */
import { noFailures, noTurn, type SignInCounts } from "./sign-in-limits.ts";

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

/** @param hash two numbers of 32 bits, without a sign, that hang on all of the key */
export const countInTable = (
  columns: FailureColumns,
  { accounts, sets }: FailureTableSize,
  hash: (key: string) => readonly [number, number],
): SignInCounts => {
  const { tag: tags } = columns;
  const get = (column: ColumnName, place: number): number => columns[column][place] ?? 0;

  const find = (first: number, tag: number): number => {
    for (let place = first; place < first + placesInSet; place += 1)
      if (tags[place] === tag) return place;
    return -1;
  };
  const findRoom = (first: number): number => {
    let room = first;
    for (let place = first; place < first + placesInSet; place += 1)
      if (get("resetsAt", place) < get("resetsAt", room)) room = place;
    return room;
  };
  const accountPlaceOf = (key: string): number => hash(key)[0] % accounts;

  return {
    counterOf: (kind, key) => {
      if (kind === "account") {
        const place = accountPlaceOf(key);
        return {
          read: () => ({ ...noFailures, blockedUntil: get("fullAt", place) }),
          write: ({ blockedUntil }) => {
            columns.fullAt[place] = blockedUntil;
          },
        };
      }
      const [set, mark] = hash(key);
      const first = (set % sets) * placesInSet;
      const tag = mark || 1;
      return {
        read: () => {
          const place = find(first, tag);
          return place === -1
            ? noFailures
            : {
                count: get("count", place),
                failed: get("failed", place),
                resetsAt: get("resetsAt", place),
                blockedUntil: get("blockedUntil", place),
                lastAt: get("lastAt", place),
              };
        },
        write: ({ count, failed, resetsAt, blockedUntil, lastAt }) => {
          const known = find(first, tag);
          const place = known === -1 ? findRoom(first) : known;
          tags[place] = tag;
          columns.count[place] = Math.min(count, largestCount);
          columns.failed[place] = Math.min(failed, largestCount);
          columns.resetsAt[place] = resetsAt;
          columns.blockedUntil[place] = blockedUntil;
          columns.lastAt[place] = lastAt;
        },
      };
    },
    turnOf: (key) => {
      const place = accountPlaceOf(key);
      return {
        read: () => {
          const party = get("turnParty", place);
          return party === 0
            ? noTurn
            : {
                party,
                until: get("turnUntil", place),
                failed: get("turnFailed", place),
                lastAt: get("turnLastAt", place),
              };
        },
        write: ({ party, until, failed, lastAt }) => {
          columns.turnParty[place] = party;
          columns.turnUntil[place] = until;
          columns.turnFailed[place] = Math.min(failed, largestCount);
          columns.turnLastAt[place] = lastAt;
        },
      };
    },
    markOf: (party) => hash(party)[1] || 1,
  };
};
