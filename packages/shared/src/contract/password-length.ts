/** No schemas here, so that who only counts need not carry a validator. */
export const shortestPassword = 15;
export const longestPassword = 128;

/**
 * One for each code point, however a keyboard composes it: what people call a character, as near as
 * a rule can say.
 */
export const countCharacters = (text: string): number => [...text.normalize("NFC")].length;
