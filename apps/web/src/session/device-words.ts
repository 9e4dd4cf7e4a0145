import { recogniseDevice } from "@sallyport/shared/react";

/** `Firefox` and `Linux` are "Firefox on Linux". What is not known is called that. */
export const deviceInWords = ({ browser, system }: ReturnType<typeof recogniseDevice>): string =>
  browser === null && system === null
    ? "an unknown device"
    : `${browser ?? "an unknown browser"} on ${system ?? "an unknown system"}`;

/** The same of what a device says of itself. */
export const userAgentInWords = (userAgent: string): string =>
  deviceInWords(recogniseDevice(userAgent));
