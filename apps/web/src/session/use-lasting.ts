import { useEffect, useState } from "react";

/**
 * True once `condition` has been true for so long without a break: what is over at once is not
 * worth a word.
 */
export const useLasting = (condition: boolean, milliseconds: number): boolean => {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setLasts(true), milliseconds);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [condition, milliseconds]);
  return lasts && condition;
};
