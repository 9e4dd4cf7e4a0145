import { IconChevronDown, IconColumns3 } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { AgainButton } from "./again-button.tsx";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";
import { DataTable, type TableColumn } from "./data-table.tsx";
import classes from "./list-view.module.css";
import { ListPages } from "./list-pages.tsx";
import { catchLostFocus } from "./lost-focus.ts";
import { Popover } from "./popover.tsx";
import { SearchBox } from "./search-box.tsx";
import { Loading, SkeletonBlock } from "./skeleton.tsx";
import { formatCount } from "./reader.ts";

/** What of a list is looked at, as its address says it. */
export interface ListAddress {
  /** What is searched for; empty for everything. */
  readonly q: string;
  /** The key that it is sorted by, with a minus in front for descending. */
  readonly sort: string;
  /** Where the page begins; undefined for the first one. */
  readonly cursor: string | undefined;
  readonly hidden: ReadonlySet<string>;
  /** Whether something narrows the list: with nothing in it, then nothing matches. */
  readonly isNarrowed: boolean;
  /** Which page it is; undefined where the address was opened in its middle. */
  readonly page: number | undefined;
  search(q: string): void;
  sortBy(sort: string): void;
  hide(column: string, hidden: boolean): void;
  /** To everything there is, in the order that was chosen. */
  showAll(): void;
  goOn(cursor: string): void;
  /** To the page before; to the first one where that is not known. */
  goBack(): void;
}

/** A page of a list as far as it has come. */
export interface List<Item> {
  /** Undefined until the first answer. */
  readonly items: readonly Item[] | undefined;
  readonly nextCursor: string | null;
  /** How many there are on all pages, where the server says so. */
  readonly total: number | undefined;
  /** The rows are those of before, and others are on their way. */
  readonly isOld: boolean;
  readonly failure: string | null;
  readonly isAsking: boolean;
  readonly askAgain: () => void;
}

const countOf = (count: number, [one, many]: readonly [string, string]): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/**
 * A list that is searched, filtered, sorted and paged by the server: what is looked at is in the
 * address, what is chosen is not. Nothing there is yet differs from nothing that matches.
 */
export function ListView<Item>({
  words,
  address,
  list,
  columns,
  idOf,
  searchLabel,
  filters,
  renderBulk,
  onOpen,
  exports,
  empty,
}: {
  /** One of them, and several: "user", "users". */
  readonly words: readonly [one: string, many: string];
  readonly address: ListAddress;
  readonly list: List<Item>;
  readonly columns: readonly TableColumn<Item>[];
  readonly idOf: (item: Item) => string;
  /** What can be searched for; without it the list has no search. */
  readonly searchLabel?: string;
  readonly filters?: ReactNode;
  /** What can be done with those that are chosen; without it none can be. */
  readonly renderBulk?: ((chosen: readonly Item[], unselect: () => void) => ReactNode) | undefined;
  /** What Enter does on a row. */
  readonly onOpen?: (item: Item) => void;
  /** What takes all of it away as a file, beside the choice of columns. */
  readonly exports?: ReactNode;
  /** In the place of the table, while there are none at all. */
  readonly empty: ReactNode;
}): ReactNode {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const { items = [], total, nextCursor } = list;
  // What is no longer shown is no longer chosen: nobody acts on what they do not see.
  const chosen = renderBulk ? items.filter((item) => ids.has(idOf(item))) : [];
  const unselect = (): void => setIds(new Set());
  const isFirst = address.cursor === undefined;
  // A page without any may have others behind it, where the server looks through many for a few.
  const nothing =
    list.items !== undefined && items.length === 0 && nextCursor === null && !list.isOld;
  const many = words[1];
  const known = total ?? (list.items && isFirst && nextCursor === null ? items.length : undefined);
  // There is nothing to look for where there is nothing at all.
  const hasTools = !(nothing && !address.isNarrowed && isFirst);
  const isFocused = useRef(false);
  useEffect(() => {
    // A row may go that somebody stands in, and the last one takes the table with it.
    if (isFocused.current) catchLostFocus();
  }, [list.items]);
  const toggled = columns.filter(({ isRowHeader }) => isRowHeader !== true);
  return (
    <div className={classes.view}>
      {hasTools && (searchLabel !== undefined || filters !== undefined) && (
        <div className={classes.tools}>
          {searchLabel !== undefined && (
            <SearchBox label={searchLabel} value={address.q} onSearch={address.search} />
          )}
          {filters}
        </div>
      )}
      {list.failure !== null && (
        <Callout
          tone="danger"
          role="alert"
          title={`The ${many} could not be loaded`}
          actions={
            <>
              <AgainButton
                size="xs"
                variant="default"
                pending={list.isAsking}
                onClick={list.askAgain}
              >
                Try again
              </AgainButton>
              {(!isFirst || address.isNarrowed) && (
                <Button size="xs" variant="default" onClick={address.showAll}>
                  Start from the beginning
                </Button>
              )}
            </>
          }
        >
          {list.failure}
        </Callout>
      )}
      <div className={classes.status} data-chosen={chosen.length > 0}>
        <p role="status">
          {chosen.length > 0
            ? `${countOf(chosen.length, words)} selected`
            : nothing
              ? ""
              : known !== undefined
                ? countOf(known, words)
                : ""}
        </p>
        {renderBulk && chosen.length > 0 && (
          <div className={classes.bulk} role="group" aria-label={`With the selected ${many}`}>
            {renderBulk(chosen, unselect)}
            <Button size="xs" variant="subtle" onClick={unselect}>
              Clear the selection
            </Button>
          </div>
        )}
        {hasTools && chosen.length === 0 && (
          <div className={classes.columns}>
            {exports}
            <Popover
              label="Columns"
              button={
                <>
                  <IconColumns3 size={17} stroke={1.75} aria-hidden="true" />
                  Columns
                  <IconChevronDown size={15} aria-hidden="true" />
                </>
              }
              buttonClassName={classes.button}
            >
              {toggled.map(({ id, title }) => (
                <label key={id} className={classes.option}>
                  <input
                    type="checkbox"
                    checked={!address.hidden.has(id)}
                    onChange={(event) => address.hide(id, !event.currentTarget.checked)}
                  />
                  {title}
                </label>
              ))}
            </Popover>
          </div>
        )}
      </div>
      {list.items === undefined ? (
        list.failure === null && (
          <Loading what={many}>
            <SkeletonBlock height="2.5rem" />
            <SkeletonBlock height="18rem" />
          </Loading>
        )
      ) : nothing ? (
        address.isNarrowed || !isFirst ? (
          <div className={classes.nothing} role="status">
            <p>{address.isNarrowed ? `No ${words[0]} matches.` : `There are no more ${many}.`}</p>
            <Button variant="default" onClick={address.showAll}>
              Show all {many}
            </Button>
          </div>
        ) : (
          <div className={classes.nothing}>{empty}</div>
        )
      ) : items.length === 0 ? (
        <p className={classes.nothing} role="status">
          None on this page. There may be some further on.
        </p>
      ) : (
        <div
          className={classes.rows}
          data-old={list.isOld}
          aria-busy={list.isOld}
          onFocus={() => (isFocused.current = true)}
          onBlur={() => (isFocused.current = false)}
        >
          <DataTable
            label={many.replace(/^./, (letter) => letter.toUpperCase())}
            columns={columns.filter(({ id }) => !address.hidden.has(id))}
            items={items}
            idOf={idOf}
            sort={address.sort}
            onSort={address.sortBy}
            onOpen={onOpen}
            selection={renderBulk && { ids: new Set(chosen.map(idOf)), onChange: setIds }}
          />
        </div>
      )}
      <ListPages words={words} address={address} nextCursor={nextCursor} isOld={list.isOld} />
    </div>
  );
}
