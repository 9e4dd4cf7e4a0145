import { isApiError } from "@sallyport/shared/client";
import { useCan } from "@sallyport/shared/react";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { reasonInWords } from "../../session/access-reasons.ts";
import { failureOf } from "../../session/failures.ts";
import { grantsChanged } from "../../session/grants-changed.ts";
import { endOfDay } from "../../session/grant-end.ts";
import { useListAddress } from "../../session/list-address.ts";
import { useChange } from "../../session/use-change.ts";
import { AgainButton } from "../../ui/again-button.tsx";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { formatDateTime } from "../../ui/times.ts";
import { ListPages } from "../../ui/list-pages.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useLeaveWarning } from "../../ui/use-leave-warning.ts";
import { CellDetails, type CellInWords } from "./cell-details.tsx";
import { cellKey, cellsChanged, everySection, reasonsOf, type Column, type Row } from "./cells.ts";
import {
  collect,
  insist,
  isOutdated,
  mostCollected,
  problemsByCell,
  requestOf,
  stillWanted,
  toggle,
  undo,
  type Collected,
  type Collection,
} from "./collected.ts";
import { CollectedBar } from "./collected-bar.tsx";
import { GrantsGrid, type Mark, type Place } from "./grants-grid.tsx";
import classes from "./grants-page.module.css";
import { blockOfColumns, useCells, useColumns, useKnownGrants, useRows } from "./table-queries.ts";
import { formatCount } from "../../ui/reader.ts";

const shownChoices = [
  { value: "", title: "Roles and people" },
  { value: "roles", title: "Roles" },
  { value: "people", title: "People" },
] as const;

const noColumns: readonly Column[] = [];
const noRows: readonly Row[] = [];
const none: Collection = new Map();
const noNews: ReadonlySet<string> = new Set();
const noProblems: ReadonlyMap<string, string> = new Map();

const messageOf = (error: Error): ReactNode => failureOf(error, {}, new Date()).message;

const changedMeanwhile =
  "Somebody else has given, changed or taken this meanwhile: what stands above is how it is now.";

/** What becomes of a cell once it is saved. */
const thenInWords = ({ wish, seen }: Collected): string => {
  if (wish === "none") return "To be taken.";
  const end = wish.expiresAt === null ? null : `until ${formatDateTime(new Date(wish.expiresAt))}`;
  if (seen === null) return end === null ? "To be given." : `To be given, ${end}.`;
  return end === null ? "To have no end." : `To be in force ${end}.`;
};

/** Who may see which section: people and roles against sections, changed together. */
export function GrantsPage(): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const mayWrite = useCan({ permission: "grants:write" });
  const mayReadUsers = useCan({ permission: "users:read" });
  const mayReadRoles = useCan({ permission: "roles:read" });
  const mayReadSections = useCan({ permission: "sections:read" });
  const address = useListAddress({
    sorts: ["name"],
    filters: { show: ["roles", "people"], sections: null },
  });
  const known = useKnownGrants(!(mayReadUsers && mayReadRoles && mayReadSections));
  const { show, sections: soughtSection = "" } = address.filters;
  const rowList = useRows(address.q, show ?? "all", address.cursor, known);
  const columnList = useColumns(soughtSection, known);
  const rows = rowList.rows ?? noRows;
  const columns = columnList.columns ?? noColumns;

  const [blocks, setBlocks] = useState<readonly number[]>([0]);
  const look = useCallback((first: number, last: number): void => {
    const from = Math.floor(first / blockOfColumns);
    const to = Math.floor(last / blockOfColumns);
    setBlocks((before) =>
      before[0] === from && before.at(-1) === to
        ? before
        : Array.from({ length: to - from + 1 }, (_, index) => from + index),
    );
  }, []);
  const cells = useCells(rows, columns, blocks);
  const { index } = cells;

  // By what it is about: other rows may come, before it or behind it.
  const [chosen, setChosen] = useState({ row: "", column: "", at: { row: 0, column: 0 } });
  const [pointed, setPointed] = useState<Place | null>(null);
  const rowNow = rows.findIndex(({ id }) => id === chosen.row);
  const columnNow = columns.findIndex(({ section }) => section === chosen.column);
  const place: Place = {
    row: rowNow >= 0 ? rowNow : Math.min(chosen.at.row, rows.length - 1),
    column: columnNow >= 0 ? columnNow : Math.min(chosen.at.column, columns.length - 1),
  };
  const [collected, setCollected] = useState(none);
  const [problems, setProblems] = useState(noProblems);
  const [hint, setHint] = useState<string | null>(null);
  // Of cells that are not loaded it is not known whether somebody else has been there.
  const shownIds = useMemo(() => new Set(rows.map(({ id }) => id)), [rows]);
  const isKnown = useCallback(
    (key: string): boolean => {
      const [id = "", section = ""] = key.split(" ");
      return shownIds.has(id) && cells.known.has(section);
    },
    [cells.known, shownIds],
  );
  // What somebody else has changed is marked until it has been looked at.
  const [news, setNews] = useState(noNews);
  const before = useRef({ index, isKnown });
  const saved = useRef(new Set<string>());
  useEffect(() => {
    const changed = cellsChanged(before.current, { index, isKnown });
    before.current = { index, isKnown };
    const others = changed.filter((key) => !saved.current.delete(key));
    if (others.length > 0) setNews((known) => new Set([...known, ...others]));
  }, [index, isKnown]);
  const haveSeen = (key: string): void =>
    setNews((known) => (known.has(key) ? new Set([...known].filter((one) => one !== key)) : known));
  const wanted = useMemo(() => stillWanted(collected, index, isKnown), [collected, index, isKnown]);
  useLeaveWarning(wanted.size > 0);

  const problemOf = (key: string): string | null => {
    const entry = wanted.get(key);
    if (!entry) return null;
    if (isKnown(key) && isOutdated(entry, index.get(key))) return changedMeanwhile;
    return problems.get(key) ?? null;
  };
  const settle = (key: string): void => {
    if (!problems.has(key)) return;
    const left = new Map(problems);
    left.delete(key);
    setProblems(left);
  };
  const set = (next: Collection, key: string): void => {
    setCollected(next);
    settle(key);
    haveSeen(key);
    setHint(
      next === wanted
        ? `No more than ${formatCount(mostCollected)} changes are saved at once. Save these first.`
        : null,
    );
  };
  const grid = useRef<{ readonly toCell: () => void }>(null);
  const details = useRef<{ readonly enter: () => void }>(null);
  const backToCell = useCallback((): void => grid.current?.toCell(), []);
  const save = useChange({
    call: async (client, sent: Collection) => {
      await client.call("POST /grants/changes", { body: requestOf(sent).body });
      return sent;
    },
    words: {
      codes: {
        rights_exceeded:
          "Nothing is saved: some of it takes rights that you do not have. Those cells are marked.",
        precondition_failed:
          "Nothing is saved: somebody else has changed some of these cells meanwhile. They are marked.",
      },
    },
    onDone: async (sent) => {
      // What has been collected since stays.
      setCollected(
        (now) => new Map([...now].filter(([key, entry]) => sent.get(key)?.wish !== entry.wish)),
      );
      setProblems(noProblems);
      saved.current = new Set(sent.keys());
      showToast(sent.size === 1 ? "The change is saved." : `${sent.size} changes are saved.`);
      await grantsChanged(queryClient);
      grid.current?.toCell();
    },
    onFailed: (error, sent) => {
      const { errors = [] } = isApiError(error) ? error.problem : {};
      setProblems(problemsByCell(errors, requestOf(sent).keys));
      void grantsChanged(queryClient);
    },
  });

  const wordsOf = (row: Row, column: Column): CellInWords => {
    const key = cellKey(row.id, column.section);
    const entry = wanted.get(key);
    const reasons = reasonsOf(row, column, index);
    const isLoaded = isKnown(key);
    const ofEvery = column.section === everySection;
    return {
      who: row.name,
      section: column.title,
      now:
        reasons.length > 0
          ? `${ofEvery ? "Sees every section" : "May see it"}: ${reasons.map(reasonInWords).join("; ")}.`
          : !isLoaded
            ? "Not loaded yet."
            : ofEvery
              ? "Has no grant of every section."
              : "May not see it.",
      next: entry ? thenInWords(entry) : null,
      problem: problemOf(key),
      news: !entry && news.has(key) ? "Somebody else has changed it just now." : null,
    };
  };
  const markOf = (row: Row, column: Column): Mark => {
    const key = cellKey(row.id, column.section);
    const own = index.get(key);
    const entry = wanted.get(key);
    return {
      right: own
        ? "own"
        : reasonsOf(row, column, index).length > 0
          ? "other"
          : isKnown(key)
            ? "none"
            : "unknown",
      ends: (own?.expiresAt ?? null) !== null,
      change: !entry ? null : entry.wish === "none" ? "take" : entry.seen === null ? "give" : "end",
      isInDoubt: problemOf(key) !== null,
      isNews: news.has(key),
    };
  };
  /** The row and the column of a cell, or none of the two for the head of the other. */
  const at = ({ row, column }: Place) => ({ row: rows[row], column: columns[column] });
  const toggleAt = (to: Place): void => {
    const { row, column } = at(to);
    if (!mayWrite || !row || !column) return;
    const key = cellKey(row.id, column.section);
    // Of what is not loaded nobody knows what a press would do.
    if (!isKnown(key)) return;
    set(toggle(wanted, row, column, index.get(key)), key);
  };
  const pageOf = (of: Place): string | null => {
    const { row, column } = at(of);
    if (row && column) return null;
    if (row?.kind === "user") return mayReadUsers ? paths.adminUser(row.id) : null;
    if (row) return mayReadRoles ? paths.adminRole(row.id) : null;
    return column && column.section !== everySection && mayReadSections
      ? paths.adminSectionAccess(column.section)
      : null;
  };
  const openPage = (of: Place): void => {
    const to = pageOf(of);
    if (to !== null) void navigate(to);
  };

  const looked = pointed ?? place;
  const { row, column } = at(looked);
  const key = row && column ? cellKey(row.id, column.section) : null;
  const current = key === null ? undefined : index.get(key);
  const entry = key === null ? undefined : wanted.get(key);
  const wish = entry?.wish ?? (current ? { expiresAt: current.expiresAt } : "none");
  const mayChange = mayWrite && key !== null && isKnown(key);
  const setEnd = (day: string): void => {
    if (!row || !column || key === null) return;
    const expiresAt = day === "" ? null : endOfDay(day, new Date());
    if (day !== "" && expiresAt === null) setHint("Choose a day from today on.");
    else set(collect(wanted, row, column, current, { expiresAt }), key);
  };

  const failure = rowList.error ?? columnList.error ?? cells.error;
  const isAsking = rowList.isFetching || columnList.isFetching || cells.isFetching;
  const isLoaded = rowList.rows !== undefined && columnList.columns !== undefined;
  const isPartial = !(mayReadUsers && mayReadRoles);
  const shownCount = [
    ...(rowList.totals.roles > 0
      ? [`${formatCount(rowList.totals.roles)} ${rowList.totals.roles === 1 ? "role" : "roles"}`]
      : []),
    ...(rowList.totals.people > 0
      ? [
          `${formatCount(rowList.totals.people)} ${rowList.totals.people === 1 ? "person" : "people"}`,
        ]
      : []),
    ...(columns.length > 0
      ? [`${formatCount(columns.length - 1)} ${columns.length === 2 ? "section" : "sections"}`]
      : []),
  ].join(", ");
  return (
    <>
      <PageHead
        title="Grants"
        lead="Who may see which section. What you change is collected, and in force once you save it."
      />
      <div className={classes.page}>
        <div role="search" className={classes.tools}>
          <SearchBox
            label="Search people and roles"
            value={address.q}
            onSearch={(text) => address.search(text)}
            isLandmark={false}
          />
          <SearchBox
            label="Search sections"
            value={soughtSection}
            onSearch={(text) => address.filter("sections", text)}
            isLandmark={false}
          />
          <SelectField
            compact
            label="Rows"
            value={show ?? ""}
            options={shownChoices}
            onChange={(event) => address.filter("show", event.currentTarget.value || undefined)}
          />
        </div>
        {failure && (
          <Callout
            tone="danger"
            role="alert"
            title="Not all of the table could be loaded"
            actions={
              <AgainButton
                size="xs"
                variant="default"
                pending={isAsking}
                onClick={() => {
                  rowList.askAgain();
                  columnList.askAgain();
                  cells.askAgain();
                }}
              >
                Try again
              </AgainButton>
            }
          >
            {messageOf(failure)}
          </Callout>
        )}
        <p role="status" className={classes.status}>
          {isLoaded && shownCount}
          {rowList.hasMoreRoles && ". More roles than these: search, or choose the rows of roles."}
          {columnList.hasMore && ". More sections than these: search for them."}
          {isPartial &&
            ". You may not look at all people and roles: those that have grants are here, and rights by roles may be missing."}
        </p>
        {!isLoaded ? (
          !failure && (
            <Loading what="the grants">
              <SkeletonBlock height="24rem" />
            </Loading>
          )
        ) : rows.length === 0 ? (
          <div className={classes.nothing}>
            <p>{address.isNarrowed ? "Nobody matches." : "There is nobody here yet."}</p>
            {address.isNarrowed && (
              <Button variant="default" onClick={address.showAll}>
                Show all
              </Button>
            )}
          </div>
        ) : (
          <>
            {columns.length === 1 && (
              <p className={classes.status}>
                {soughtSection === "" ? "There are no sections yet." : "No section matches."}
              </p>
            )}
            <GrantsGrid
              label="Grants"
              rows={rows}
              columns={columns}
              place={place}
              onPlace={(to) => {
                const left = at(place);
                if (left.row && left.column) haveSeen(cellKey(left.row.id, left.column.section));
                setChosen({
                  row: rows[to.row]?.id ?? "",
                  column: columns[to.column]?.section ?? "",
                  at: to,
                });
                setPointed(null);
                if (to.row !== place.row || to.column !== place.column) setHint(null);
              }}
              onPoint={(to) =>
                setPointed((before) =>
                  before?.row === to?.row && before?.column === to?.column ? before : to,
                )
              }
              onToggle={toggleAt}
              onDetails={() => details.current?.enter()}
              onOpen={openPage}
              onLook={look}
              markOf={markOf}
              wordsOf={(...cell) =>
                Object.values(wordsOf(...cell))
                  .slice(2)
                  .filter((part) => part !== null)
                  .join(" ")
              }
              isBusy={isAsking}
              focus={grid}
            />
            <CellDetails
              ref={details}
              words={row && column ? wordsOf(row, column) : null}
              head={
                row && column
                  ? null
                  : {
                      title: row?.name ?? column?.title ?? "",
                      note: row
                        ? row.kind === "role"
                          ? `Role. ${row.note}`
                          : row.note
                        : "Section",
                      to: pageOf(looked),
                    }
              }
              id={key ?? ""}
              what={!mayChange ? null : wish === "none" ? "give" : "take"}
              wish={wish}
              isChanged={entry !== undefined}
              isOutdated={entry !== undefined && isOutdated(entry, current)}
              hint={hint}
              onToggle={() => toggleAt(looked)}
              onEnd={setEnd}
              onUndo={() => key !== null && set(undo(wanted, key), key)}
              onInsist={() => {
                if (key === null) return;
                set(insist(wanted, key, current), key);
                // The button goes with what it was for.
                backToCell();
              }}
              onBack={backToCell}
            />
            <p className={classes.legend}>
              ● a grant of its own. ○ by a role, by a grant of every section, or open to everybody.
              ◷ with an end. Framed: changed by somebody else just now.
              {mayWrite && " + to be given. − to be taken. ! not saved."}
            </p>
          </>
        )}
        <ListPages
          words={show === "roles" ? ["role", "roles"] : ["person", "people"]}
          address={address}
          nextCursor={rowList.nextCursor}
          isOld={rowList.isOld}
        />
        {mayWrite && (
          <CollectedBar
            collected={wanted}
            inWords={thenInWords}
            problemOf={problemOf}
            pending={save.pending}
            message={wanted.size === 0 ? null : (save.failure?.message ?? null)}
            onUndo={(one) => set(undo(wanted, one), one)}
            onUndoAll={() => {
              setCollected(none);
              setProblems(noProblems);
              setHint(null);
              grid.current?.toCell();
            }}
            onSave={() => save.run(wanted)}
          />
        )}
      </div>
    </>
  );
}
