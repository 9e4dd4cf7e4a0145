/** People as CSV. Who is written by an export can be read by an import. */
import { csvRecord } from "../answering/write-csv.ts";
import { createCsvCutter, type CsvRecord } from "../datasets/cut-csv.ts";
import type { UserPage } from "../users/user-store.ts";
import { describeUser } from "./describe-user.ts";

export type ListedUser = UserPage["items"][number];

export const userColumns = [
  "id",
  "username",
  "displayName",
  "email",
  "roles",
  "active",
  "hasPassword",
  "createdAt",
  "lastSeenAt",
] as const;

/** Names of roles in one cell, with semicolons between; one that holds a semicolon is in quotes. */
export const joinRoles = (names: readonly string[]): string =>
  names.map((name) => (/[;"]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join("; ");

/** The names that `joinRoles` has joined, or that somebody has written. */
export const splitRoles = (cell: string): readonly string[] => {
  const records: CsvRecord[] = [];
  const cutter = createCsvCutter({ delimiter: ";", isLenient: true });
  cutter.push(`${cell}\n`, records);
  cutter.end(records);
  return records.flatMap(({ cells }) => cells.map((name) => name.trim()).filter(Boolean));
};

export const userRecord = (found: ListedUser): string => {
  const user = describeUser(found);
  return csvRecord([
    user.id,
    user.username,
    user.displayName,
    user.email,
    joinRoles(user.roles.map(({ name }) => name)),
    user.active,
    user.hasPassword,
    user.createdAt,
    user.lastSeenAt,
  ]);
};
