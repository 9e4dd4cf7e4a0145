/**
 * A text of the sample's sections without what the mock puts before it, to say that its numbers are
 * invented.
 */
export const withoutMadeUp = (text: string): string =>
  text
    .replace(/^Invented numbers\. /, "")
    .replace(/^\*\*The numbers on this page are invented\.\*\* [^\n]*\n\n/, "")
    .replace(/ At the foot of the page stands where its numbers come from\./, "");
