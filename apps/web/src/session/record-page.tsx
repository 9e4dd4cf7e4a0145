import { isApiError } from "@sallyport/shared/client";
import type { UseQueryResult } from "@tanstack/react-query";
import { IconMapQuestion } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { buttonLook } from "../ui/button.tsx";
import { MessagePage } from "../ui/message-page.tsx";
import { PageHeading } from "../ui/page-heading.tsx";
import { Loading, SkeletonBlock } from "../ui/skeleton.tsx";
import { LoadFailure } from "./answer.tsx";

/**
 * A page about one thing: its skeleton, what it says where there is no such thing or no answer, and
 * the thing itself. One that was there and is gone meanwhile is gone.
 */
export function RecordPage<Item>({
  what,
  back,
  result,
  children,
}: {
  /** What it is one of: "dataset". */
  readonly what: string;
  /** The list of them. */
  readonly back: { readonly to: string; readonly title: string };
  readonly result: UseQueryResult<Item>;
  readonly children: (item: NoInfer<Item>) => ReactNode;
}): ReactNode {
  const { data, error, isFetching, refetch } = result;
  // An address that names none is refused for its form.
  if (isApiError(error, "not_found", "validation_failed"))
    return (
      <MessagePage
        icon={<IconMapQuestion size={28} stroke={1.6} />}
        title={`There is no such ${what}`}
        actions={
          <Link to={back.to} {...buttonLook()}>
            {back.title}
          </Link>
        }
      >
        <p>It may have been deleted, or the address may be mistyped.</p>
      </MessagePage>
    );
  if (data !== undefined) return children(data);
  const title = what.replace(/^./, (letter) => letter.toUpperCase());
  return (
    <>
      <PageHeading title={title} hidden={!error}>
        {error ? `The ${what} could not be loaded` : title}
      </PageHeading>
      {error ? (
        <LoadFailure error={error} isFetching={isFetching} refetch={refetch} />
      ) : (
        <Loading what={`the ${what}`}>
          <SkeletonBlock height="2.125rem" width="14rem" />
          <SkeletonBlock height="9rem" />
          <SkeletonBlock height="12rem" />
        </Loading>
      )}
    </>
  );
}
