/** How a page from elsewhere may be framed. */
export interface EmbedPlan {
  /** Why it is not even tried. */
  readonly problem: "insecure" | null;
  readonly sandbox: string;
}

const onThisMachine = (hostname: string): boolean =>
  /^(localhost|127\.0\.0\.1|.*\.localhost)$/.test(hostname);

/**
 * What is framed may run scripts, send forms and open new tabs, but not lead this page away. It
 * keeps its own origin, so that it finds its own sign-in, unless that origin is this site's or the
 * API's: a page of ours that had both its scripts and its origin could take its own sandbox off.
 * @param ours the addresses of this site and of the API
 */
export const planEmbed = (url: string, ours: readonly string[]): EmbedPlan => {
  const { protocol, hostname, origin } = new URL(url);
  const problem = protocol !== "https:" && !onThisMachine(hostname) ? "insecure" : null;
  const isOurs = ours.some((address) => new URL(address).origin === origin);
  return {
    problem,
    sandbox: [
      "allow-scripts",
      "allow-forms",
      "allow-popups",
      ...(isOurs ? [] : ["allow-same-origin"]),
    ].join(" "),
  };
};
