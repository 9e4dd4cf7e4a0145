import type { ReactNode } from "react";
import { PageHeading } from "./page-heading.tsx";
import { Loading, SkeletonBlock } from "./skeleton.tsx";
import classes from "./section-skeleton.module.css";

/** What a section looks like before anything of it is known, but perhaps its title. */
export const SectionSkeleton = ({ title }: { readonly title?: string | undefined }): ReactNode => (
  <>
    <div className={classes.head}>
      <PageHeading title={title ?? "Loading"} hidden={title === undefined}>
        {title ?? "Loading"}
      </PageHeading>
      <div className={classes.lines} data-titled={title !== undefined}>
        <Loading what={title ?? "the page"}>
          {title === undefined && <SkeletonBlock height="2.125rem" width="14rem" />}
          <SkeletonBlock height="1.125rem" width="26rem" />
        </Loading>
      </div>
    </div>
    <Loading what="panels">
      <div className={classes.grid}>
        <SkeletonBlock height="8rem" />
        <SkeletonBlock height="8rem" />
        <SkeletonBlock height="8rem" />
      </div>
      <SkeletonBlock height="18rem" />
    </Loading>
  </>
);
