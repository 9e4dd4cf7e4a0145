import { useEffect, useRef, useState, type ReactNode } from "react";
import classes from "./scroll-region.module.css";

/**
 * A box that scrolls on its own. It takes the focus, so that the keyboard can scroll it, but only
 * while there is something to scroll.
 */
export function ScrollRegion({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void =>
      setOverflows(
        element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight,
      );
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    if (element.firstElementChild) observer.observe(element.firstElementChild);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={box}
      className={classes.region}
      {...(overflows && { role: "region", "aria-label": label, tabIndex: 0 })}
    >
      {children}
    </div>
  );
}
