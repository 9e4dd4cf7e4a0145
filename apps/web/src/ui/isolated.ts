/** Letters that run from right to left, and characters that turn the direction of others. */
const turns =
  /[\u0590-\u08FF\u200E\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
/** Those that reach beyond their text where nothing closes them. */
const marks = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * What a person wrote, for the middle of a text of ours that can hold no element: a document's
 * title, a toast, an option. What stands around it keeps its order, as with `<bdi>`.
 */
export const isolated = (text: string): string =>
  turns.test(text) ? `\u2068${text.replaceAll(marks, "")}\u2069` : text;
