import { useMemo, useRef, type ReactNode } from "react";
import { useBlocker } from "react-router";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { LeaveGuards } from "../ui/use-leave-warning.ts";

/** Asks before a page with something unsaved on it is left for another. */
export function LeaveGuard({ children }: { readonly children: ReactNode }): ReactNode {
  const count = useRef(0);
  const guards = useMemo(
    () => ({
      add: () => {
        count.current += 1;
        return () => void (count.current -= 1);
      },
    }),
    [],
  );
  const { state, proceed, reset } = useBlocker(
    ({ currentLocation, nextLocation }) =>
      count.current > 0 && currentLocation.pathname !== nextLocation.pathname,
  );
  return (
    <LeaveGuards value={guards}>
      {children}
      {state === "blocked" && (
        <ConfirmDialog
          title="Leave without saving?"
          cancelLabel="Stay here"
          confirmLabel="Leave"
          pending={false}
          failure={null}
          onConfirm={() => proceed()}
          onClose={() => reset()}
        >
          <p>What you have entered on this page is not saved, and is lost when you leave it.</p>
        </ConfirmDialog>
      )}
    </LeaveGuards>
  );
}
