import { startTransition, useEffect, useRef, useState, type RefObject } from "react";

interface BoxSize {
  readonly width: number;
  readonly height: number;
}

/**
 * How large an element is, in whole pixels; null until it is known. What is drawn by it is drawn in
 * pieces, and holds up nothing.
 */
export const useBoxSize = <E extends HTMLElement>(): readonly [
  RefObject<E | null>,
  BoxSize | null,
] => {
  const box = useRef<E>(null);
  const [size, setSize] = useState<BoxSize | null>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      startTransition(() =>
        setSize((now) => (now?.width === width && now.height === height ? now : { width, height })),
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, size];
};
