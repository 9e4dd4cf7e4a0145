/** The first that fits is told: those after it are named by others too, to be taken for them. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?(?:iOS)?\//, "Edge"],
  [/\b(?:OPR|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:(?:Headless)?Chrome|Chromium|CriOS)\//, "Chrome"],
  [/\bVersion\/[\d.]+.* Safari\//, "Safari"],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bWindows\b/, "Windows"],
  [/\b(?:iPhone|iPod)\b/, "iOS"],
  [/\biPad\b/, "iPadOS"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b|\bX11\b/, "Linux"],
];

/**
 * What a user agent says of the device, in words that people know; null where it says nothing. A
 * program is told by its first word. Nothing is decided on it, since anybody can say anything.
 */
export const recogniseDevice = (
  userAgent: string,
): { readonly browser: string | null; readonly system: string | null } => {
  const findIn = (known: readonly (readonly [RegExp, string])[]): string | null =>
    known.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
  const program = /^(?!Mozilla\/)([A-Za-z][\w.-]{0,39})(?:[/ ]|$)/.exec(userAgent)?.[1] ?? null;
  return { browser: findIn(browsers) ?? program, system: findIn(systems) };
};
