import type { ReactNode } from "react";
import { formatValue, fractionDigitsOf, isNumeric, noValue } from "../../ui/formats.ts";
import { ScrollRegion } from "../../ui/scroll-region.tsx";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import type { PanelWithData } from "./queries.ts";
import classes from "./table-body.module.css";

type Data = NonNullable<Extract<PanelWithData, { kind: "table" }>["data"]>;

const shortText = 10;

export function TableBody({ title, data }: { readonly title: string; readonly data: Data }): ReactNode {
  const digits = data.columns.map((_, index) => fractionDigitsOf(data.rows.map((row) => row[index] ?? null)));
  // Codes and the like never wrap, and need no more room than they take.
  const isShort = data.columns.map((column, index) => column.type === "text" && data.rows.every((row) => String(row[index] ?? "").length <= shortText));
  return (
    <ScrollRegion label={`Table: ${title}`}>
      <table className={classes.table}>
        <caption>
          <VisuallyHidden>{title}</VisuallyHidden>
        </caption>
        <thead>
          <tr>
            {data.columns.map((column) => (
              <th key={column.name} scope="col" data-numeric={isNumeric(column)}>
                {column.label}
                {column.unit !== undefined && <span className={classes.unit}> ({column.unit})</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row, rowIndex) => (
            // Rows have no identity of their own, and are replaced all at once.
            <tr key={rowIndex}>
              {data.columns.map((column, index) => {
                const value = row[index] ?? null;
                const text = formatValue(value, column, digits[index] ?? 0);
                const shown = text === noValue ? <NoValue /> : text;
                return index === 0 && !isNumeric(column) ? (
                  <th key={column.name} scope="row" data-type={column.type} data-short={isShort[index]}>
                    {shown}
                  </th>
                ) : (
                  <td key={column.name} data-numeric={isNumeric(column)} data-type={column.type} data-short={isShort[index]}>
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

const NoValue = (): ReactNode => (
  <>
    <span aria-hidden="true">{noValue}</span>
    <VisuallyHidden>No value</VisuallyHidden>
  </>
);
