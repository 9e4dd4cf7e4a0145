import { useEffect } from "react";

/** While something is not saved, the browser asks before it closes or reloads the page. */
export const useLeaveWarning = (isChanged: boolean): void => {
  useEffect(() => {
    if (!isChanged) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isChanged]);
};
