import { useLayoutEffect, useRef, useState, type RefObject } from "react";

/** How many pixels wide an element is, from before the first paint on. 0 until it is known. */
export const useBoxWidth = <E extends HTMLElement>(): readonly [RefObject<E | null>, number] => {
  const box = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    setWidth(Math.floor(element.clientWidth));
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [box, width];
};
