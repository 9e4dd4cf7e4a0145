/**
 * Keeps the cache of TanStack Query in step with who is signed in and with what changes on the
 * server.
 */
import type { Query, QueryClient } from "@tanstack/react-query";
import type { AdminList } from "../contract/admin-lists.ts";
import type { Client, Rights } from "../client/client.ts";

/**
 * Forgets everything fetched when the user changes or signs out, so that nobody is shown what
 * another was. Returns how to stop.
 */
export const clearCacheWithUser = (
  client: Client,
  queryClient: Pick<QueryClient, "clear">,
): (() => void) => {
  const stops = [
    client.on("userChanged", () => queryClient.clear()),
    client.on("signedOut", () => queryClient.clear()),
  ];
  return () => stops.forEach((stop) => stop());
};

/** The section that a query asks about, where it asks about one. */
const slugOf = ({ queryKey: [key, , input] }: Query): string | undefined =>
  typeof key === "string" && key.startsWith("GET /sections/:slug")
    ? (input as { params?: { slug?: string } } | undefined)?.params?.slug
    : undefined;

/** The queries of which each list of the admin side is a part. */
const askedWith: Readonly<Record<AdminList, RegExp>> = {
  users: /^GET \/(users|roles|grants|access-requests)\b/,
  roles: /^GET \/(roles|users|grants)\b/,
  grants: /^GET \/(grants|users|roles|sections$|access-requests)\b/,
  accessRequests: /^GET \/access-requests\b/,
  displayLinks: /^GET \/display-links\b/,
  sections: /^GET \/(sections$|sections\/:slug\/definition|grants|users|access-requests)/,
  datasets: /^GET \/datasets\b/,
  sessions: /^GET \/(sessions|users)\b/,
  audit: /^GET \/audit-events\b/,
};
const isOfLists =
  (lists: readonly AdminList[]) =>
  ({ queryKey: [key, , input] }: Query): boolean => {
    if (typeof key !== "string") return false;
    // The same address is also everybody's list of sections, which the session tells of.
    const { scope } = (input as { query?: { scope?: unknown } } | undefined)?.query ?? {};
    if (key === "GET /sections" && scope !== "all") return false;
    // A server that is newer than the page may name lists that it does not know.
    return lists.some((list) => Object.hasOwn(askedWith, list) && askedWith[list].test(key));
  };

const slugsOnlyIn = (one: Rights, other: Rights): ReadonlySet<string> => {
  const elsewhere = new Set(other.sections.map(({ slug }) => slug));
  return new Set(one.sections.map(({ slug }) => slug).filter((slug) => !elsewhere.has(slug)));
};

/**
 * Asks again for what has changed on the server, where a page shows it. What a user is no longer
 * permitted leaves the cache at once, and a page that shows it hears so from the server; what is
 * newly permitted is asked for again. Returns how to stop.
 * @param mayAsk whether pages may ask by themselves just now; otherwise what has changed is only
 * marked as stale
 */
export const followChanges = (
  client: Client,
  queryClient: QueryClient,
  mayAsk: () => boolean = () => true,
): (() => void) => {
  const isAbout = (slugs: ReadonlySet<string>) => (query: Query) => slugs.has(slugOf(query) ?? "");
  const askAgain = (predicate: (query: Query) => boolean): void =>
    void queryClient.invalidateQueries({ predicate, refetchType: mayAsk() ? "active" : "none" });
  const stops = [
    client.on("permissionsChanged", ({ before, after }) => {
      const lost = slugsOnlyIn(before, after);
      const gained = slugsOnlyIn(after, before);
      if (lost.size > 0) {
        queryClient.removeQueries({ predicate: isAbout(lost), type: "inactive" });
        void queryClient.resetQueries({ predicate: isAbout(lost) });
      }
      if (gained.size > 0) askAgain(isAbout(gained));
    }),
    client.on("sectionsChanged", ({ slugs }) =>
      askAgain(slugs === null ? (query) => slugOf(query) !== undefined : isAbout(new Set(slugs))),
    ),
    client.on("listsChanged", ({ lists }) =>
      askAgain(isOfLists(lists ?? (Object.keys(askedWith) as AdminList[]))),
    ),
  ];
  return () => stops.forEach((stop) => stop());
};
