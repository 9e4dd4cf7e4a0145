const safeSchemes = /^(?:https?|ircs?|mailto|xmpp)$/i;

/**
 * The address of a link or a picture in a text, if it leads to another page and to nothing that
 * runs in this one; null otherwise. What has no scheme of its own is an address on this site.
 */
export const safeLink = (address: string): string | null => {
  const scheme = /^[^/?#]*?(?=:)/.exec(address)?.[0];
  return scheme === undefined || safeSchemes.test(scheme) ? address : null;
};
