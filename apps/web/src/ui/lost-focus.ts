/**
 * To the page's heading, where what had the focus has gone with it: from the body a keyboard would
 * begin at the top of the page, and a screen reader would say nothing. Looked at a frame later,
 * since whoever knows a better place takes it there first.
 */
export const catchLostFocus = (): void => {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body)
      document.querySelector("h1")?.focus({ preventScroll: true });
  });
};
