import {
  createContext,
  use,
  useEffect,
  useId,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
} from "react";
import classes from "./popover.module.css";
import { useCloseOnLeave } from "./use-close-on-leave.ts";

/** The id of the popover that one is in. */
const PopoverId = createContext("");

/** What a popover needs below its button before it opens above it. */
const roomWanted = 260;

/**
 * A button, and what it opens beside itself over everything else. The browser closes it on Escape
 * and on a press elsewhere, gives the focus back, and goes on from the button into it with Tab.
 */
export function Popover({
  label,
  button,
  buttonLabel,
  buttonClassName,
  align = "end",
  children,
}: {
  /** What it is, to those who listen. */
  readonly label: string;
  readonly button: ReactNode;
  readonly buttonLabel?: string;
  readonly buttonClassName?: string | undefined;
  /** Which edges stand above each other. */
  readonly align?: "start" | "end";
  readonly children: ReactNode;
}): ReactNode {
  const id = useId();
  const trigger = useRef<HTMLButtonElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [position, setPosition] = useState<CSSProperties>({});
  const [open, setOpen] = useState(false);
  useCloseOnLeave(content);

  const place = (): void => {
    const box = trigger.current?.getBoundingClientRect();
    if (!box) return;
    const { clientWidth, clientHeight } = document.documentElement;
    const above = clientHeight - box.bottom < roomWanted && box.top > clientHeight - box.bottom;
    setPosition({
      ...(above
        ? { bottom: clientHeight - box.top + 4, top: "auto" }
        : { top: box.bottom + 4, bottom: "auto" }),
      ...(align === "end"
        ? { right: Math.max(8, clientWidth - box.right), left: "auto", maxWidth: box.right - 8 }
        : { left: Math.max(8, box.left), right: "auto", maxWidth: clientWidth - box.left - 8 }),
      maxHeight: (above ? box.top : clientHeight - box.bottom) - 12,
    });
  };

  // It stands where the button was: once the page moves, it has no place any more.
  useEffect(() => {
    if (!open) return;
    const hide = (): void => content.current?.hidePopover();
    window.addEventListener("scroll", hide, { passive: true });
    window.addEventListener("resize", hide);
    return () => {
      window.removeEventListener("scroll", hide);
      window.removeEventListener("resize", hide);
    };
  }, [open]);

  return (
    <>
      <button
        ref={trigger}
        type="button"
        className={buttonClassName}
        popoverTarget={id}
        aria-expanded={open}
        {...(buttonLabel !== undefined && { "aria-label": buttonLabel })}
      >
        {button}
      </button>
      <div
        ref={content}
        id={id}
        popover="auto"
        role="group"
        aria-label={label}
        className={classes.content}
        style={position}
        onBeforeToggle={(event) => event.newState === "open" && place()}
        onToggle={(event) => setOpen(event.newState === "open")}
      >
        <PopoverId value={id}>{children}</PopoverId>
      </div>
    </>
  );
}

/** One thing to do, in a popover that is a list of them. It closes the popover. */
export const PopoverItem = ({
  icon,
  onClick,
  disabled = false,
  pressed,
  children,
}: {
  readonly icon?: ReactNode;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly children: ReactNode;
}): ReactNode => {
  const id = use(PopoverId);
  return (
    <button
      type="button"
      className={classes.item}
      // Not by `popovertargetaction`: the browser closes nothing for a button that its own click
      // has disabled.
      onClick={() => {
        document.getElementById(id)?.hidePopover();
        onClick();
      }}
      disabled={disabled}
      {...(pressed !== undefined && { "aria-pressed": pressed })}
    >
      {icon}
      {children}
    </button>
  );
};
