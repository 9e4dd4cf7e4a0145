/** From a CSV file to people who are to be added. All that is wrong with it is told at once. */
import * as z from "zod";
import { displayName, emailAddress, newUsername } from "../../contract/people.ts";
import { mostImportedPeople } from "../../contract/users.ts";
import { AppError, type ValidationIssue } from "../answering/errors.ts";
import { joinBytes } from "../answering/join-bytes.ts";
import { inPlainWords } from "../answering/issue-words.ts";
import { issuesOf } from "../answering/validation-issues.ts";
import { createCsvCutter, CsvTrouble, type CsvRecord } from "../datasets/cut-csv.ts";
import {
  characterOf,
  recogniseDelimiter,
  recogniseEncoding,
  refuseCompressed,
} from "../datasets/recognise-csv.ts";
import { RowsRejected } from "../datasets/rows-rejected.ts";
import type { PersonIssue, PersonToAdd } from "./add-people.ts";
import { splitRoles } from "./user-csv.ts";

export interface LinePerson extends PersonToAdd {
  readonly line: number;
}

interface LineIssue {
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  readonly detail: string;
}

const columns = ["username", "displayName", "email", "roles"] as const;
type Column = (typeof columns)[number];
const needed: readonly Column[] = ["username", "displayName"];
/** An export has these besides. They are nobody's to choose. */
const passedOver = ["id", "active", "hasPassword", "createdAt", "lastSeenAt"];
/** What follows so many mistakes is not looked at: a megabyte holds half a million of them. */
const mostIssues = 100;
const firstPiece = 16_384;
const longestShownName = 100;

const person = z.object({
  username: newUsername,
  displayName,
  email: emailAddress.nullable(),
});

/** @throws AppError `rows_rejected`, where there is any */
const refuseLines = (issues: readonly LineIssue[]): void => {
  const [first] = issues;
  if (first === undefined) return;
  const where = `Line ${first.line}${first.column === null ? "" : `, column "${first.column}"`}`;
  const more =
    issues.length === 1
      ? ""
      : issues.length > mostIssues
        ? " The first hundred mistakes are listed."
        : ` ${issues.length} mistakes are listed.`;
  throw new AppError("rows_rejected", {
    detail: `${where}: ${first.detail}${more}`,
    errors: issues.slice(0, mostIssues).map(({ line, column, code, detail }): ValidationIssue => ({
      pointer: `/lines/${line}${column === null ? "" : `/${column.replaceAll("~", "~0").replaceAll("/", "~1")}`}`,
      code,
      detail,
    })),
  });
};

const refuseLine = (line: number, code: string, detail: string): never => {
  refuseLines([{ line, column: null, code, detail }]);
  throw new Error("A line was not refused");
};

/** What is wrong with people who could be read. @throws AppError `rows_rejected` */
export const refusePeople = (
  people: readonly LinePerson[],
  issues: readonly PersonIssue[],
): never => {
  refuseLines(
    issues.map(({ index, pointer, code, detail }) => ({
      line: people[index]?.line ?? 0,
      column: pointer.startsWith("/roleIds") ? "roles" : pointer.slice(1),
      code,
      detail,
    })),
  );
  throw new Error("Nobody was refused");
};

/** The header and as many people as are imported, and one more where there are too many. */
const cutRecords = (bytes: Uint8Array): readonly CsvRecord[] => {
  try {
    refuseCompressed(bytes);
    const text = new TextDecoder(recogniseEncoding(bytes)).decode(bytes);
    const cutter = createCsvCutter({ delimiter: characterOf[recogniseDelimiter(text, false)] });
    const records: CsvRecord[] = [];
    // Each piece is twice as long as the one before: a record that does not end in one is read
    // again with the next.
    for (let from = 0, to = firstPiece; from < text.length; to *= 2) {
      cutter.push(text.slice(from, to), records);
      if (records.length > mostImportedPeople + 1) return records;
      from = to;
    }
    cutter.end(records);
    return records;
  } catch (trouble) {
    if (trouble instanceof CsvTrouble)
      return refuseLine(trouble.line, "unreadable", trouble.message);
    if (!(trouble instanceof RowsRejected)) throw trouble;
    const [{ line, detail } = { line: 1, detail: trouble.message }] = trouble.issues;
    return refuseLine(line, "unreadable", detail);
  }
};

/** Where each column stands. */
const matchHeader = ({ cells, line }: CsvRecord): ReadonlyMap<Column, number> => {
  const names = cells.map((cell) => cell.trim());
  const found = new Map<Column, number>();
  const issues: LineIssue[] = [];
  for (const [index, name] of names.entries()) {
    if (issues.length > mostIssues) break;
    const column = columns.find((one) => one.toLowerCase() === name.toLowerCase());
    const report = (code: string, detail: string): void =>
      void issues.push({ line, column: name.slice(0, 100), code, detail });
    if (column !== undefined && found.has(column))
      report("duplicate_column", "The header names this column twice.");
    else if (column !== undefined) found.set(column, index);
    else if (name !== "" && !passedOver.includes(name))
      report("unknown_column", `There are the columns ${columns.join(", ")}.`);
  }
  for (const column of needed)
    if (!found.has(column))
      issues.push({
        line,
        column,
        code: "missing_column",
        detail: "The header lacks this column.",
      });
  refuseLines(issues);
  return found;
};

/** Without the `'` that an export puts in front of what a spreadsheet would take for a formula. */
const unquiet = (cell: string): string => cell.trim().replace(/^'(?=[=+\-@＝＋－＠])/u, "");

/**
 * @param roleIdOf of the role of this name, if there is one
 * @throws AppError `rows_rejected`, with every mistake by its line (the first hundred)
 */
export const readPeople = async (
  source: AsyncIterable<Uint8Array>,
  roleIdOf: (name: string) => string | undefined,
): Promise<readonly LinePerson[]> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  const [header, ...records] = cutRecords(joinBytes(pieces));
  if (header === undefined)
    return refuseLine(1, "unreadable", "The file is empty: it has no header.");
  const places = matchHeader(header);
  const [first] = records;
  if (first === undefined)
    return refuseLine(header.line, "no_people", "There is nobody below the header.");
  const tooMany = records[mostImportedPeople];
  if (tooMany !== undefined)
    return refuseLine(
      tooMany.line,
      "too_many",
      `At most ${mostImportedPeople} people are imported at once.`,
    );

  const issues: LineIssue[] = [];
  const people = records.flatMap(({ cells, line }): LinePerson[] => {
    if (issues.length > mostIssues) return [];
    const report = (column: string | null, code: string, detail: string): void =>
      void issues.push({ line, column, code, detail });
    const cellOf = (column: Column): string => unquiet(cells[places.get(column) ?? -1] ?? "");
    if (cells.slice(header.cells.length).some((cell) => cell.trim() !== "")) {
      report(null, "wrong_cell_count", `${cells.length} cells instead of ${header.cells.length}.`);
      return [];
    }
    const given = {
      username: cellOf("username"),
      displayName: cellOf("displayName"),
      email: cellOf("email") || null,
    };
    const checked = z.safeParse(person, given, inPlainWords);
    if (!checked.success)
      for (const { pointer, code, detail } of issuesOf("", given, checked.error))
        report(pointer.slice(1), code, detail);
    const roleIds = new Set<string>();
    for (const name of splitRoles(cellOf("roles"))) {
      if (issues.length > mostIssues) break;
      const id = roleIdOf(name);
      const shown = JSON.stringify(name.slice(0, longestShownName));
      if (id === undefined) report("roles", "unknown_role", `There is no role called ${shown}.`);
      else roleIds.add(id);
    }
    return checked.success ? [{ ...checked.data, roleIds: [...roleIds], line }] : [];
  });
  refuseLines(issues);
  return people;
};
