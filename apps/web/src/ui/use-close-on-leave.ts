import { useEffect, type RefObject } from "react";

/**
 * Closes a popover when the focus goes on to elsewhere, too. The platform closes it by Escape and
 * by a press elsewhere only.
 */
export const useCloseOnLeave = (popover: RefObject<HTMLElement | null>): void => {
  useEffect(() => {
    const element = popover.current;
    const leave = ({ relatedTarget }: FocusEvent): void => {
      if (!(relatedTarget instanceof Element) || element?.contains(relatedTarget)) return;
      // The button that opened it closes it by its own click.
      if (relatedTarget.getAttribute("popovertarget") !== element?.id) element?.hidePopover();
    };
    element?.addEventListener("focusout", leave);
    return () => element?.removeEventListener("focusout", leave);
  }, [popover]);
};
