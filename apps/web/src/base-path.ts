/**
 * Where this build is mounted. One build serves every origin and base path, so the page finds out
 * from its own address: what comes before a route of ours is the base path.
 */

/**
 * Every route of `routes.tsx` but the first, as it ends an address. The test holds this against the
 * route table.
 */
const routeAtEnd =
  /^(.*?\/)(sections\/[^/]+|sign-in|setup|choose-password|forgotten-password|verify-email|cookies-blocked|account|\.well-known\/change-password|display|see-as\/[^/]+(?:\/sections\/[^/]+)?|admin(?:\/(?:import|sections(?:\/order|\/[^/]+\/(?:edit|access))?|(?:users|roles|datasets)(?:\/[^/]+)?|grants|requests|displays|sessions|audit))?)\/?$/;

/** Whether the address is a section's, in whatever folder. */
export const isSection = (pathname: string): boolean =>
  routeAtEnd.exec(pathname)?.[2]?.startsWith("sections/") === true;

/**
 * Base paths to try, the most likely first; each starts and ends with a slash.
 * First comes what the build was told, then what the address says by a route of ours or, where it
 * is a folder, by being the first page, then where a page of this origin was mounted before. Any
 * other address (a mistyped one) does not say where the build is: every folder above it follows,
 * from the top down, since most sites are at the root of their host.
 * @param told by the build; @param remembered from earlier visits, in any order
 */
export const basePathCandidates = (
  pathname: string,
  told?: string,
  remembered: readonly string[] = [],
): string[] => {
  const folders: string[] = [];
  for (let end = pathname.indexOf("/"); end >= 0; end = pathname.indexOf("/", end + 1))
    folders.push(pathname.slice(0, end + 1));
  const ofAddress =
    routeAtEnd.exec(pathname)?.[1] ?? (pathname.endsWith("/") ? pathname : undefined);
  const likely = [
    told,
    ofAddress,
    ...[...remembered].sort((one, other) => other.length - one.length),
  ].filter((base) => base !== undefined && folders.includes(base));
  return [...new Set([...likely, ...folders] as string[])];
};

const memoryKey = "sallyport-base-paths";
const mostRemembered = 8;

/** Where pages of this origin have been mounted, as far as this browser remembers. */
export const rememberedBasePaths = (): string[] => {
  try {
    const paths: unknown = JSON.parse(localStorage.getItem(memoryKey) ?? "[]");
    return Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [];
  } catch {
    // Storage is forbidden, or holds something else.
    return [];
  }
};

/** To be called once the page has found its files. */
export const rememberBasePath = (base: string): void => {
  const paths = [base, ...rememberedBasePaths().filter((path) => path !== base)];
  try {
    localStorage.setItem(memoryKey, JSON.stringify(paths.slice(0, mostRemembered)));
  } catch {
    // The next mistyped address costs some requests more.
  }
};

/**
 * The router's basename for a document's base URI: without the slash at the end, `/` for the root.
 */
export const basenameOf = (baseUri: string): string =>
  new URL(baseUri).pathname.replace(/[^/]*$/, "").replace(/(?<=.)\/$/, "");
