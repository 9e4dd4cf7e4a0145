import type { PanelDefinition } from "@sallyport/shared/contract";
import { isApiError } from "@sallyport/shared/client";
import { isWorthRetrying, retryDelayOf, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { PanelWithData } from "../../panels/panel.ts";
import { issuesUnder, type Issue } from "./edit/issues.ts";

const previewKey = "POST /panel-previews";
const pauseMilliseconds = 350;
const freshMilliseconds = 60_000;

/** Whoever edits sections need not be somebody who may look at rows. */
export const useMayPreview = (): boolean => useCan({ permission: "datasets:read" });

/** What is shown does not hang on how it is called and how wide it is: nobody waits for these. */
const bodyText = (panel: PanelDefinition, sectionLast: string | undefined): string => {
  const { description: _, ...rest } = panel;
  return JSON.stringify({
    panel: { ...rest, title: "Preview", width: 12 },
    ...(sectionLast !== undefined && { sectionLast }),
  });
};

const useSettled = (text: string): string => {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    if (text === settled) return;
    const timer = setTimeout(() => setSettled(text), pauseMilliseconds);
    return () => clearTimeout(timer);
  }, [text, settled]);
  return settled;
};

export interface Preview {
  /** As the server has it, or had it before the last change. */
  readonly panel: PanelWithData | undefined;
  /** Why it cannot be run, with pointers into the panel. */
  readonly issues: readonly Issue[];
  /** Any other failure. */
  readonly error: Error | null;
  readonly isAsking: boolean;
  /** What is shown is of before the last change. */
  readonly isOld: boolean;
  readonly askAgain: () => void;
}

const nothing: readonly Issue[] = [];

/** A panel with its data, as the server's own compiler of queries makes them. */
export const usePreview = (panel: PanelDefinition, sectionLast: string | undefined): Preview => {
  const client = useClient();
  const mayPreview = useMayPreview();
  const text = bodyText(panel, sectionLast);
  const settled = useSettled(text);
  const found = useQuery({
    queryKey: [previewKey, client.userId(), settled],
    queryFn: ({ signal }) =>
      client.call(previewKey, { body: JSON.parse(settled) as never }, { signal }),
    enabled: mayPreview,
    placeholderData: keepPreviousData,
    retry: isWorthRetrying,
    retryDelay: retryDelayOf,
    staleTime: freshMilliseconds,
  });
  const refusal = isApiError(found.error, "validation_failed") ? found.error.problem : null;
  return {
    panel: found.data,
    issues: refusal ? issuesUnder(refusal.errors ?? [], "/panel") : nothing,
    error: refusal ? null : found.error,
    isAsking: found.isFetching,
    isOld: found.isPlaceholderData || settled !== text,
    askAgain: () => void found.refetch(),
  };
};
