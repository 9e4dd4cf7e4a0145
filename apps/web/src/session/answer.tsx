import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { AgainButton } from "../ui/again-button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Loading, SkeletonBlock } from "../ui/skeleton.tsx";
import { failureOf } from "./failures.ts";

const messageOf = (error: Error): ReactNode => failureOf(error, {}, new Date()).message;

/** Why something could not be loaded, and another try. */
export const LoadFailure = ({
  error,
  isFetching,
  refetch,
}: {
  readonly error: Error;
  readonly isFetching: boolean;
  readonly refetch: () => Promise<unknown>;
}): ReactNode => (
  <Callout
    tone="danger"
    role="alert"
    actions={
      <AgainButton size="xs" variant="default" pending={isFetching} onClick={() => void refetch()}>
        Try again
      </AgainButton>
    }
  >
    {messageOf(error)}
  </Callout>
);

/** What has been asked for, within a page: its skeleton, another try, or the answer itself. */
export function Answer<Data>({
  what,
  result: { data, error, isFetching, refetch },
  children,
}: {
  /** In the plural or with its article: "sections". */
  readonly what: string;
  readonly result: Pick<UseQueryResult<Data>, "data" | "error" | "isFetching" | "refetch">;
  readonly children: (data: NoInfer<Data>) => ReactNode;
}): ReactNode {
  if (data !== undefined) return children(data);
  if (!error)
    return (
      <Loading what={what}>
        <SkeletonBlock height="4rem" />
      </Loading>
    );
  return <LoadFailure error={error} isFetching={isFetching} refetch={refetch} />;
}
