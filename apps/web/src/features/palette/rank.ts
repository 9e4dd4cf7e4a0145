/** Letters as they are compared: without case and without marks. */
const plain = (text: string): string =>
  text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();

const wordsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const hasInOrder = (letters: string, text: string): boolean => {
  let from = 0;
  for (const letter of letters) {
    const at = text.indexOf(letter, from);
    if (at < 0) return false;
    from = at + letter.length;
  }
  return true;
};

/**
 * How well a title fits what was typed, 0 being best: it begins with it, its words do, it is in it,
 * its letters are, in their order. Null where it does not.
 */
export const rank = (typed: string, title: string): number | null => {
  const [wanted, text] = [plain(typed), plain(title)];
  if (text.startsWith(wanted)) return 0;
  const words = wordsOf(text);
  if (wordsOf(wanted).every((part) => words.some((word) => word.startsWith(part)))) return 1;
  if (text.includes(wanted)) return 2;
  return hasInOrder(wanted.replaceAll(/\s/g, ""), text) ? 3 : null;
};
