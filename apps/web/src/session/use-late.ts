import { useEffect, useState } from "react";

/** What was given, once it has stayed the same for so long: for what each letter would ask for. */
export const useLate = <Value>(value: Value, milliseconds: number): Value => {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return late;
};
