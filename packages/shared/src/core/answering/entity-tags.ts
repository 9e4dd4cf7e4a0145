/**
 * RFC 9110, 13.1.2: weak comparison, since whoever has the same content in another encoding has the
 * content.
 */
export const isKnown = (tag: string, ifNoneMatch: string | undefined): boolean => {
  if (ifNoneMatch === undefined) return false;
  return (
    ifNoneMatch.trim() === "*" ||
    ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === tag)
  );
};
