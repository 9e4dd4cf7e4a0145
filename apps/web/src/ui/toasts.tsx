import { useEffect, useSyncExternalStore, type ReactNode } from "react";
import classes from "./toasts.module.css";

interface Toast {
  readonly id: number;
  readonly text: string;
}

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();
const change = (next: readonly Toast[]): void => {
  toasts = next;
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/**
 * Says that something has worked; vanishes by itself. What went wrong belongs on the page, where it
 * stays.
 */
export const showToast = (text: string): void =>
  change([...toasts.filter((toast) => toast.text !== text), { id: (lastId += 1), text }]);

const shownForMilliseconds = 6000;

function ToastItem({ toast }: { readonly toast: Toast }): ReactNode {
  useEffect(() => {
    const timer = setTimeout(
      () => change(toasts.filter((other) => other.id !== toast.id)),
      shownForMilliseconds,
    );
    return () => clearTimeout(timer);
  }, [toast.id]);
  return <div className={classes.toast}>{toast.text}</div>;
}

export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div role="status" className={classes.toasts}>
      {shown.map((toast) => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
    </div>
  );
}
