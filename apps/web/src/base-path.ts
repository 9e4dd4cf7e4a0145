/**
 * Where this build is mounted. One build serves every origin and base path, so the page finds out from its own address:
 * what comes before a route of ours is the base path.
 */

/** Every route of `routes.tsx` but the first, as it ends an address. The test holds this against the route table. */
const routeAtEnd = /^(.*?\/)(?:sections\/[^/]+|sign-in|setup|cookies-blocked|account)\/?$/;

/**
 * Base paths to try, the most likely first; each starts and ends with a slash.
 * An address that is no route of ours (a mistyped one, or a folder that has the name of a route) does not say where the
 * build is, so every folder above it follows, from the deepest up.
 */
export const basePathCandidates = (pathname: string): string[] => {
  const folders: string[] = [];
  for (
    let end = pathname.lastIndexOf("/");
    end >= 0;
    end = end === 0 ? -1 : pathname.lastIndexOf("/", end - 1)
  )
    folders.push(pathname.slice(0, end + 1));
  const ofRoute = routeAtEnd.exec(pathname)?.[1];
  return [...new Set(ofRoute === undefined ? folders : [ofRoute, ...folders])];
};

/** The router's basename for a document's base URI: without the slash at the end, `/` for the root. */
export const basenameOf = (baseUri: string): string =>
  new URL(baseUri).pathname.replace(/[^/]*$/, "").replace(/(?<=.)\/$/, "");
