import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import { reasonInWords } from "../../session/access-reasons.ts";
import { LoadFailure } from "../../session/answer.tsx";
import { Card } from "../../ui/card.tsx";
import { Loading, SkeletonBlock } from "../../ui/skeleton.tsx";
import classes from "./access-card.module.css";

/** Which sections a person may see, and which role or grant gives each of them. */
export function AccessCard({ userId }: { readonly userId: string }): ReactNode {
  const client = useClient();
  const { data, error, isFetching, refetch } = useQuery(
    apiQuery(client, "GET /users/:userId/access", { params: { userId } }),
  );
  return (
    <Card title="What they may see">
      {data ? (
        <>
          {data.items.length > 0 ? (
            <ul className={classes.sections}>
              {data.items.map(({ slug, title, because }) => (
                <li key={slug}>
                  <Link to={paths.section(slug)}>{title}</Link>
                  <span className={classes.why}>Why: {because.map(reasonInWords).join("; ")}</span>
                </li>
              ))}
            </ul>
          ) : data.isComplete ? (
            <p>No section.</p>
          ) : null}
          {!data.isComplete && (
            <p>
              {data.items.length > 0 ? "They may open more sections" : "They may open sections"}{" "}
              that you may not know of.
            </p>
          )}
        </>
      ) : error ? (
        <LoadFailure error={error} isFetching={isFetching} refetch={refetch} />
      ) : (
        <Loading what="sections">
          <SkeletonBlock height="4rem" />
        </Loading>
      )}
    </Card>
  );
}
