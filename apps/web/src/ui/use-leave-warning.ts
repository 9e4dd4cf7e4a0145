import { createContext, use, useEffect } from "react";

/**
 * Keeps a page from being left by a link or by going back, while something on it is not saved: each
 * that asks for it says when it needs it no longer. Whoever owns the navigation provides it.
 */
export const LeaveGuards = createContext<{ readonly add: () => () => void } | null>(null);

/** While something is not saved, a page is not left, closed or reloaded without a question. */
export const useLeaveWarning = (isChanged: boolean): void => {
  const guards = use(LeaveGuards);
  useEffect(() => {
    if (!isChanged) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    const remove = guards?.add();
    window.addEventListener("beforeunload", warn);
    return () => {
      remove?.();
      window.removeEventListener("beforeunload", warn);
    };
  }, [guards, isChanged]);
};
