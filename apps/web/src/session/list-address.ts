import { useMemo } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import type { ListAddress } from "../ui/list-view.tsx";

/** By the name of each filter the values it may have; null for any text. */
type Filters = Readonly<Record<string, readonly string[] | null>>;

type Sorts = readonly [string, ...string[]];

interface FilteredAddress<S extends Sorts, F extends Filters> extends ListAddress {
  readonly sort: S[number] | `-${S[number]}`;
  readonly filters: {
    readonly [Name in keyof F]?: F[Name] extends readonly (infer Value)[] ? Value : string;
  };
  /** Nothing, and an empty text, is no filter. */
  filter(name: keyof F & string, value: string | undefined): void;
}

/** Which cursors led here, the first page's being an empty one. */
interface Way {
  readonly way?: readonly string[];
}

/**
 * The state of a list lives in the address, so that it can be shared, kept and gone back to:
 * `?q=&sort=&hide=&cursor=` and one parameter for each filter. What the list does not know is
 * passed over.
 */
export const useListAddress = <
  const S extends Sorts,
  const F extends Filters = Record<never, never>,
>({
  sorts,
  filters,
}: {
  /** The keys it can be sorted by, the usual one first. */
  readonly sorts: S;
  readonly filters?: F;
}): FilteredAddress<S, F> => {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const state = useLocation().state as Way | null;
  const asked = params.get("sort") ?? "";
  const cursor = params.get("cursor") ?? undefined;
  const chosen = Object.fromEntries(
    Object.entries(filters ?? {}).flatMap(([name, known]) => {
      const value = params.get(name);
      return value && (known === null || known.includes(value)) ? [[name, value]] : [];
    }),
  ) as FilteredAddress<S, F>["filters"];
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
        ...Object.fromEntries(Object.keys(filters ?? {}).map((name) => [name, undefined])),
      }),
    goOn: (next) => change({ cursor: next }, { push: true, way: way && [...way, cursor ?? ""] }),
    goBack: () => change({ cursor: way?.at(-1) }, { push: true, way: way?.slice(0, -1) }),
  };
};
