import { useMemo } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import type { ListAddress } from "../ui/list-view.tsx";

/** Which cursors led here, the first page's being an empty one. */
interface Way {
  readonly way?: readonly string[];
}

/**
 * The state of a list lives in the address, so that it can be shared, kept and gone back to:
 * `?q=&sort=&hide=&cursor=` and one parameter for each filter. What the list does not know is
 * passed over.
 * @param filters which values each may have; null for any text
 */
export const useListAddress = <Filter extends string = never>({
  sorts,
  filters = {} as Readonly<Record<Filter, readonly string[] | null>>,
}: {
  /** The keys it can be sorted by, the usual one first. */
  readonly sorts: readonly [string, ...string[]];
  readonly filters?: Readonly<Record<Filter, readonly string[] | null>>;
}): ListAddress<Filter> => {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const state = useLocation().state as Way | null;
  const names = Object.keys(filters) as Filter[];
  const asked = params.get("sort") ?? "";
  const cursor = params.get("cursor") ?? undefined;
  const chosen = Object.fromEntries(
    names.flatMap((name) => {
      const value = params.get(name);
      const known: readonly string[] | null = filters[name];
      return value && (known === null || known.includes(value)) ? [[name, value]] : [];
    }),
  ) as Partial<Record<Filter, string>>;
  const hiddenText = params.get("hide") ?? "";
  const hidden = useMemo(() => new Set(hiddenText.split(",").filter(Boolean)), [hiddenText]);
  const way = cursor === undefined ? [] : state?.way;

  const change = (
    changed: Readonly<Record<string, string | undefined>>,
    options: { readonly push?: boolean; readonly way?: readonly string[] | undefined } = {},
  ): void => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changed))
      if (value) next.set(name, value);
      else next.delete(name);
    void navigate(
      { search: next.toString() },
      {
        replace: options.push !== true,
        // Only another page begins at the top.
        preventScrollReset: options.push !== true,
        state: options.way && { way: options.way },
      },
    );
  };
  const anew = { cursor: undefined };
  return {
    q: params.get("q") ?? "",
    sort: sorts.includes(asked.replace(/^-/, "")) ? asked : sorts[0],
    filters: chosen,
    cursor,
    hidden,
    isNarrowed: (params.get("q") ?? "") !== "" || Object.keys(chosen).length > 0,
    page: way && way.length + 1,
    search: (q) => change({ ...anew, q }),
    sortBy: (sort) => change({ ...anew, sort: sort === sorts[0] ? undefined : sort }),
    filter: (name, value) => change({ ...anew, [name]: value }),
    hide: (column, isHidden) => {
      const next = new Set(hidden);
      if (isHidden) next.add(column);
      else next.delete(column);
      change({ hide: [...next].join(",") }, { way });
    },
    showAll: () =>
      change({
        ...anew,
        q: undefined,
        ...Object.fromEntries(names.map((name) => [name, undefined])),
      }),
    goOn: (next) => change({ cursor: next }, { push: true, way: way && [...way, cursor ?? ""] }),
    goBack: () => change({ cursor: way?.at(-1) }, { push: true, way: way?.slice(0, -1) }),
  };
};
