import {
  IconArrowDown,
  IconArrowUp,
  IconArrowsSort,
  IconCheck,
  IconMinus,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Checkbox } from "react-aria-components/Checkbox";
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components/Table";
import classes from "./data-table.module.css";

export interface TableColumn<Item> {
  readonly id: string;
  readonly title: string;
  /** Names the row to those who listen. Exactly one column of a table does, and is never hidden. */
  readonly isRowHeader?: true;
  /** The key that the server sorts by. */
  readonly sort?: string;
  readonly align?: "end";
  /**
   * What stands in it. What can be pressed there is a `RowLink` or another of React Aria's: a press
   * on anything else is a press on the row.
   */
  readonly cell: (item: Item) => ReactNode;
}

/** Rows of which some are chosen. */
export interface TableSelection {
  readonly ids: ReadonlySet<string>;
  readonly onChange: (ids: ReadonlySet<string>) => void;
}

/**
 * A table that one walks through with the arrow keys. Where there is little room, each row is a
 * card with its columns below each other.
 */
export function DataTable<Item>({
  label,
  columns,
  items,
  idOf,
  sort,
  onSort,
  selection,
  onOpen,
}: {
  readonly label: string;
  readonly columns: readonly TableColumn<Item>[];
  readonly items: readonly Item[];
  readonly idOf: (item: Item) => string;
  /** The key that it is sorted by, with a minus in front for descending. */
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly selection?: TableSelection | undefined;
  /** What Enter does on a row, and a press on it while none is chosen: as its link does. */
  readonly onOpen?: ((item: Item) => void) | undefined;
}): ReactNode {
  const sorted = columns.find((column) => column.sort === sort.replace(/^-/, ""));
  const shownIds = items.map(idOf);
  return (
    <div className={classes.region}>
      <Table
        aria-label={label}
        className={classes.table ?? ""}
        selectionMode={selection ? "multiple" : "none"}
        selectedKeys={selection?.ids ?? []}
        onSelectionChange={(keys) =>
          selection?.onChange(new Set(keys === "all" ? shownIds : [...keys].map(String)))
        }
        {...(sorted && {
          sortDescriptor: {
            column: sorted.id,
            direction: sort.startsWith("-") ? "descending" : "ascending",
          },
        })}
        onSortChange={({ column, direction }) => {
          const key = columns.find(({ id }) => id === column)?.sort;
          if (key !== undefined) onSort(direction === "descending" ? `-${key}` : key);
        }}
      >
        <TableHeader className={classes.head ?? ""}>
          {selection && (
            <Column className={classes.check ?? ""}>
              <SelectionBox />
            </Column>
          )}
          {columns.map((column) => (
            <Column
              key={column.id}
              id={column.id}
              className={classes.column ?? ""}
              data-align={column.align}
              isRowHeader={column.isRowHeader === true}
              allowsSorting={column.sort !== undefined}
            >
              {({ allowsSorting, sortDirection }) => (
                <span className={classes.title}>
                  {column.title}
                  {allowsSorting && <SortMark direction={sortDirection} />}
                </span>
              )}
            </Column>
          ))}
        </TableHeader>
        <TableBody className={classes.body ?? ""}>
          {items.map((item) => (
            <Row
              key={idOf(item)}
              id={idOf(item)}
              className={classes.row ?? ""}
              {...(onOpen && { onAction: () => onOpen(item) })}
            >
              {selection && (
                <Cell className={classes.check ?? ""}>
                  <SelectionBox />
                </Cell>
              )}
              {columns.map((column) => (
                <Cell
                  key={column.id}
                  className={classes.cell ?? ""}
                  data-align={column.align}
                  data-title={column.isRowHeader ? undefined : column.title}
                >
                  <div className={classes.value}>{column.cell(item)}</div>
                </Cell>
              ))}
            </Row>
          ))}
        </TableBody>
      </Table>
    </div>
  );
}

const SortMark = ({
  direction,
}: {
  readonly direction: "ascending" | "descending" | undefined;
}): ReactNode => {
  const Mark =
    direction === undefined
      ? IconArrowsSort
      : direction === "ascending"
        ? IconArrowUp
        : IconArrowDown;
  return <Mark size={15} stroke={2} aria-hidden="true" className={classes.mark} />;
};

const SelectionBox = (): ReactNode => (
  <Checkbox slot="selection" className={classes.box ?? ""}>
    {({ isSelected, isIndeterminate }) => (
      <span className={classes.tick} data-on={isSelected || isIndeterminate} aria-hidden="true">
        {isIndeterminate ? (
          <IconMinus size={14} stroke={3} />
        ) : (
          isSelected && <IconCheck size={14} stroke={3} />
        )}
      </span>
    )}
  </Checkbox>
);
