/**
 * Where failed sign-ins are counted: in tables that are made once and never grow, whatever names and addresses are tried.
 * A key's place follows from a hash that nobody else can compute, so that nobody can aim at another's place.
 *
 * Accounts have one place each, which they may share with another and which is never given away: how often an account can
 * be guessed at does not hang on how much else is counted. All else has a set of four places; where all four are taken,
 * the count that will be over first has to go.
 */
import { createHmac, randomBytes } from "node:crypto";
import { noFailures, type CounterOf } from "@sallyport/shared/rules";

const accountPlaces = 65_536;
const sets = 16_384;
const placesInSet = 4;
const largestCount = 65_535;

export interface FailureTable {
  readonly counterOf: CounterOf;
  readonly bytes: number;
}

/** @param secret of this process alone: the counts last no longer */
export const createFailureTable = (secret: Buffer = randomBytes(32)): FailureTable => {
  const accounts = new Float64Array(accountPlaces);
  const places = sets * placesInSet;
  /** What tells the keys of a set apart; 0 where there is none. */
  const tags = new Uint32Array(places);
  const counts = new Uint16Array(places);
  const resetsAt = new Float64Array(places);
  const blockedUntil = new Float64Array(places);
  const lastAt = new Float64Array(places);

  const find = (first: number, tag: number): number => {
    for (let place = first; place < first + placesInSet; place += 1)
      if (tags[place] === tag) return place;
    return -1;
  };
  const findRoom = (first: number): number => {
    let room = first;
    for (let place = first; place < first + placesInSet; place += 1)
      if ((resetsAt[place] ?? 0) < (resetsAt[room] ?? 0)) room = place;
    return room;
  };

  return {
    bytes: [accounts, tags, counts, resetsAt, blockedUntil, lastAt].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    ),
    counterOf: (kind, key) => {
      const hash = createHmac("sha256", secret).update(key).digest();
      if (kind === "account") {
        const place = hash.readUInt32LE(0) % accountPlaces;
        return {
          read: () => ({ ...noFailures, blockedUntil: accounts[place] ?? 0 }),
          write: (count) => {
            accounts[place] = count.blockedUntil;
          },
        };
      }
      const first = (hash.readUInt32LE(0) % sets) * placesInSet;
      const tag = hash.readUInt32LE(4) || 1;
      return {
        read: () => {
          const place = find(first, tag);
          return place === -1
            ? noFailures
            : {
                count: counts[place] ?? 0,
                resetsAt: resetsAt[place] ?? 0,
                blockedUntil: blockedUntil[place] ?? 0,
                lastAt: lastAt[place] ?? 0,
              };
        },
        write: (count) => {
          const known = find(first, tag);
          const place = known === -1 ? findRoom(first) : known;
          tags[place] = tag;
          counts[place] = Math.min(count.count, largestCount);
          resetsAt[place] = count.resetsAt;
          blockedUntil[place] = count.blockedUntil;
          lastAt[place] = count.lastAt;
        },
      };
    },
  };
};
