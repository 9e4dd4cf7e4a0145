import { useCan, useClient } from "@sallyport/shared/react";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../paths.ts";
import { Button, buttonLook } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Moment } from "../ui/moment.tsx";
import { Loading, SkeletonBlock } from "../ui/skeleton.tsx";
import { LoadFailure } from "./answer.tsx";
import { ChangeEndDialog, TakeGrantDialog } from "./grant-dialogs.tsx";
import { everySection, useGrantsOf, type Grant, type GrantsOf } from "./grants-of.ts";
import { GiveGrantsDialog } from "./give-grants-dialog.tsx";
import classes from "./grants-card.module.css";

/** What the other side of a grant is called, and where its page is. */
const otherSide = (of: GrantsOf, { user, role, section, title }: Grant) =>
  of.kind === "section"
    ? user
      ? { name: user.displayName, note: user.username, to: paths.adminUser(user.id) }
      : { name: role?.name ?? "", note: "Role", to: paths.adminRole(role?.id ?? "") }
    : section === everySection
      ? { name: "Every section", note: "Those made later included", to: null }
      : { name: title ?? section, note: section, to: paths.adminSectionAccess(section) };

/**
 * The grants of one user, of one role or of one section, given, changed and taken right there by
 * whoever may. For whoever may not look at grants it is not there.
 */
export function GrantsCard({
  title,
  of,
  none,
}: {
  readonly title: string;
  readonly of: GrantsOf;
  /** What is said where there are none. */
  readonly none: string;
}): ReactNode {
  const mayRead = useCan({ permission: "grants:read" });
  return mayRead ? <Grants title={title} of={of} none={none} /> : null;
}

function Grants({ title, of, none }: Parameters<typeof GrantsCard>[0]): ReactNode {
  const mayWrite = useCan({ permission: "grants:write" });
  const mayReadUsers = useCan({ permission: "users:read" });
  const mayReadRoles = useCan({ permission: "roles:read" });
  const mayReadSections = useCan({ permission: "sections:read" });
  const client = useClient();
  const { data, error, isFetching, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useGrantsOf(client, of);
  const [open, setOpen] = useState<
    "give" | { readonly take: Grant } | { readonly end: Grant } | null
  >(null);
  const close = (): void => setOpen(null);
  const grants = data?.pages.flatMap(({ items }) => items);
  const mayOpen = ({ user, role }: Grant): boolean =>
    of.kind === "section"
      ? (user !== null && mayReadUsers) || (role !== null && mayReadRoles)
      : mayReadSections;
  return (
    <Card
      title={title}
      actions={
        <div className={classes.actions}>
          <Link
            to={
              of.kind === "section"
                ? paths.adminGrants({ sections: of.slug })
                : paths.adminGrants({ q: of.name })
            }
            {...buttonLook({ variant: "subtle" })}
          >
            Table of grants
          </Link>
          {mayWrite && (
            <Button variant="default" onClick={() => setOpen("give")}>
              Give…
            </Button>
          )}
        </div>
      }
    >
      {grants ? (
        grants.length === 0 ? (
          <p>{none}</p>
        ) : (
          <ul className={classes.grants}>
            {grants.map((grant) => {
              const { name, note, to } = otherSide(of, grant);
              return (
                <li key={grant.id}>
                  <div className={classes.words}>
                    {to !== null && mayOpen(grant) ? (
                      <Link to={to} className={classes.name}>
                        <bdi>{name}</bdi>
                      </Link>
                    ) : (
                      <bdi className={classes.name}>{name}</bdi>
                    )}
                    <span className={classes.note}>
                      <bdi>{note}</bdi>
                      {of.kind === "section" &&
                        grant.section === everySection &&
                        " · by a grant of every section"}
                      {grant.expiresAt !== null && (
                        <>
                          {" · until "}
                          <Moment at={grant.expiresAt} />
                        </>
                      )}
                    </span>
                  </div>
                  {mayWrite && (
                    <div className={classes.actions}>
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={`${grant.expiresAt === null ? "Set an end" : "Change its end"}: ${name}`}
                        onClick={() => setOpen({ end: grant })}
                      >
                        {grant.expiresAt === null ? "Set an end…" : "Change its end…"}
                      </Button>
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={`Take: ${name}`}
                        onClick={() => setOpen({ take: grant })}
                      >
                        Take…
                      </Button>
                    </div>
                  )}
                </li>
              );
            })}
          </ul>
        )
      ) : error ? null : (
        <Loading what="grants">
          <SkeletonBlock height="4rem" />
        </Loading>
      )}
      {error && <LoadFailure error={error} isFetching={isFetching} refetch={refetch} />}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      {open === "give" && <GiveGrantsDialog of={of} known={grants ?? []} onClose={close} />}
      {open !== null && typeof open === "object" && "end" in open && (
        <ChangeEndDialog grant={open.end} onClose={close} />
      )}
      {open !== null && typeof open === "object" && "take" in open && (
        <TakeGrantDialog grant={open.take} onClose={close} />
      )}
    </Card>
  );
}
