import {
  IconArrowDown,
  IconArrowUp,
  IconChevronLeft,
  IconChevronRight,
  IconSelector,
} from "@tabler/icons-react";
import type { CSSProperties, ReactNode } from "react";
import { formatValue, isNumeric, isTime, noValue, precisionOf, type Place } from "../ui/formats.ts";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { VisuallyHidden } from "../ui/visually-hidden.tsx";
import type { PanelRows } from "./panel.ts";
import classes from "./table-body.module.css";
import { directionOf, nextSort, rowsShown } from "./panel-view.ts";

const shortText = 10;
/** What is longer wraps, but not to a line for each word. */
const longLabel = 14;

/** How the server is asked for rows in another order. */
export interface Sorting {
  readonly sort: string | null;
  readonly onSort: (sort: string | null) => void;
}

export function TableBody({
  title,
  data,
  sorting,
}: {
  readonly title: string;
  readonly data: PanelRows;
  readonly sorting?: Sorting;
}): ReactNode {
  const place: Place = data.timeZone === undefined ? {} : { bucketTimeZone: data.timeZone };
  const precisions = data.columns.map((column, index) =>
    precisionOf(
      column,
      data.rows.map((row) => row[index] ?? null),
    ),
  );
  // Codes and the like never wrap, and need no more room than they take.
  const isShort = data.columns.map(
    (column, index) =>
      column.type === "text" &&
      data.rows.every((row) => String(row[index] ?? "").length <= shortText),
  );
  return (
    <ScrollRegion label={`Table: ${title}`}>
      <table className={classes.table}>
        <caption>
          <VisuallyHidden>{title}</VisuallyHidden>
        </caption>
        <thead>
          <tr>
            {data.columns.map((column) => {
              const head = (
                <>
                  {column.label}
                  {column.unit !== undefined && column.format?.style !== "percent" && (
                    <span className={classes.unit}> ({column.unit})</span>
                  )}
                </>
              );
              const direction = sorting ? directionOf(sorting.sort, column.name) : null;
              return (
                <th
                  key={column.name}
                  scope="col"
                  data-numeric={isNumeric(column)}
                  data-long={column.label.length > longLabel}
                  {...(direction && { "aria-sort": direction })}
                >
                  {sorting ? (
                    <button
                      type="button"
                      className={classes.sort}
                      onClick={() =>
                        sorting.onSort(
                          nextSort(
                            sorting.sort,
                            column.name,
                            isNumeric(column) || isTime(column) ? "descending" : "ascending",
                          ),
                        )
                      }
                    >
                      <span>{head}</span>
                      {direction === "ascending" ? (
                        <IconArrowUp size={14} aria-hidden="true" />
                      ) : direction === "descending" ? (
                        <IconArrowDown size={14} aria-hidden="true" />
                      ) : (
                        <IconSelector size={14} aria-hidden="true" className={classes.unsorted} />
                      )}
                    </button>
                  ) : (
                    head
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row, rowIndex) => (
            // Rows have no identity of their own, and are replaced all at once.
            <tr key={rowIndex}>
              {data.columns.map((column, index) => {
                const value = row[index] ?? null;
                const text = formatValue(value, column, precisions[index] ?? 0, place);
                const shown = text === noValue ? <NoValue /> : text;
                return index === 0 && !isNumeric(column) ? (
                  <th
                    key={column.name}
                    scope="row"
                    data-type={column.type}
                    data-short={isShort[index]}
                  >
                    {shown}
                  </th>
                ) : (
                  <td
                    key={column.name}
                    data-numeric={isNumeric(column)}
                    data-type={column.type}
                    data-short={isShort[index]}
                  >
                    {shown}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/**
 * A table of which the server has more than it has given: its pages, in a box that is as high for
 * the last one as for the first.
 */
export function PagedTable({
  title,
  data,
  sorting,
  page,
  shownPage,
  pageSize,
  total,
  onPage,
}: {
  readonly title: string;
  readonly data: PanelRows;
  readonly sorting: Sorting;
  /** The page that is wanted, … */
  readonly page: number;
  /** … and the one that the rows are of. */
  readonly shownPage: number;
  readonly pageSize: number;
  readonly total: number;
  readonly onPage: (page: number) => void;
}): ReactNode {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  return (
    <>
      <div className={classes.box} style={{ "--rows": pages > 1 ? pageSize : 0 } as CSSProperties}>
        <TableBody title={title} data={data} sorting={sorting} />
      </div>
      {(pages > 1 || page > 1) && (
        // Not disabled at its ends: the focus would fall to the page from the button that was just
        // pressed.
        <nav className={classes.pages} aria-label={`Pages: ${title}`}>
          <span aria-live="polite">{rowsShown(shownPage, pageSize, data.rows.length, total)}</span>
          <button
            type="button"
            className={classes.page}
            aria-label="Previous page"
            aria-disabled={page <= 1}
            onClick={() => page > 1 && onPage(Math.min(page - 1, pages))}
          >
            <IconChevronLeft size={18} aria-hidden="true" />
          </button>
          <button
            type="button"
            className={classes.page}
            aria-label="Next page"
            aria-disabled={page >= pages}
            onClick={() => page < pages && onPage(page + 1)}
          >
            <IconChevronRight size={18} aria-hidden="true" />
          </button>
        </nav>
      )}
    </>
  );
}

const NoValue = (): ReactNode => (
  <>
    <span aria-hidden="true">{noValue}</span>
    <VisuallyHidden>No value</VisuallyHidden>
  </>
);
