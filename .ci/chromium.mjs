/**
 * The features that Playwright switches on, and RenderDocument at its lowest level: of several such
 * lists Chromium takes the last, whole. With RenderDocument, closing a page or its context never
 * ends where the page is just then on its way to another document, since the request to close goes
 * with the document that the page leaves (https://issues.chromium.org/issues/536385539,
 * https://github.com/microsoft/playwright/issues/42068).
 */
export const closablePages =
  "--enable-features=CDPScreenshotNewSurface,SkipListAccountsWithoutGaiaCookies,RenderDocument:level/crashed-frame";
