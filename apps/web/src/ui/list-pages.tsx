import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import classes from "./list-view.module.css";
import { formatCount } from "./reader.ts";

/** Leads from page to page of a list, where it has more than one. */
export function ListPages({
  words,
  address,
  nextCursor,
  isOld,
}: {
  readonly words: readonly [one: string, many: string];
  /** Which page is looked at, as the address of the list says it. */
  readonly address: {
    readonly cursor: string | undefined;
    readonly page: number | undefined;
    goOn(cursor: string): void;
    goBack(): void;
  };
  readonly nextCursor: string | null;
  /** What is shown is of before, and others are on their way. */
  readonly isOld: boolean;
}): ReactNode {
  const isFirst = address.cursor === undefined;
  if (isFirst && nextCursor === null) return null;
  return (
    <nav className={classes.pages} aria-label={`Pages of ${words[1]}`}>
      <PageButton isThere={!isFirst} onClick={() => address.goBack()}>
        <IconChevronLeft size={16} aria-hidden="true" />
        {address.page === undefined ? "First page" : "Previous"}
      </PageButton>
      {address.page !== undefined && <span>Page {formatCount(address.page)}</span>}
      <PageButton
        isThere={nextCursor !== null && !isOld}
        onClick={() => nextCursor !== null && address.goOn(nextCursor)}
      >
        Next
        <IconChevronRight size={16} aria-hidden="true" />
      </PageButton>
    </nav>
  );
}

/** At an end of the list it does nothing, and keeps the focus. */
const PageButton = ({
  isThere,
  onClick,
  children,
}: {
  readonly isThere: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}): ReactNode => (
  <Button variant="default" aria-disabled={!isThere} onClick={() => isThere && onClick()}>
    {children}
  </Button>
);
