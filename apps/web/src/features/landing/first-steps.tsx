import type { Session } from "@sallyport/shared/client";
import { apiQuery, useClient } from "@sallyport/shared/react";
import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { Link, Navigate, useNavigate } from "react-router";
import { paths } from "../../paths.ts";
import { useAdminPages } from "../../session/admin-pages.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import { SectionSkeleton } from "../../ui/section-skeleton.tsx";
import { VisuallyHidden } from "../../ui/visually-hidden.tsx";
import { noteFirstStepsOver } from "./first-steps-over.ts";
import classes from "./first-steps.module.css";

interface Step {
  readonly title: string;
  readonly text: string;
  /** Undefined where this person may not look at it. */
  readonly page: string | undefined;
  /** Undefined while it is not known. */
  readonly isDone: boolean | undefined;
}

/** What a new installation needs, in this order, and what of it there is. */
const useSteps = ({ user }: Session): readonly (Step & { readonly page: string })[] => {
  const client = useClient();
  const pages = useAdminPages();
  const may = (page: string | undefined): page is string => pages.some(({ path }) => path === page);
  const datasets = useQuery({
    ...apiQuery(client, "GET /datasets", { query: { limit: 1 } }),
    enabled: may(paths.adminDatasets()),
  });
  const sections = useQuery({
    ...apiQuery(client, "GET /sections", { query: { scope: "all", limit: 1 } }),
    enabled: may(paths.adminSections()),
  });
  const people = useQuery({
    ...apiQuery(client, "GET /users", { query: { limit: 2 } }),
    enabled: may(paths.adminUsers()),
  });
  const roles = useQuery({
    ...apiQuery(client, "GET /roles", { query: { limit: 50 } }),
    enabled: may(paths.adminRoles()),
  });
  const grants = useQuery({
    ...apiQuery(client, "GET /grants", { query: { limit: 50 } }),
    enabled: may(paths.adminGrants()),
  });
  const steps: readonly Step[] = [
    {
      title: "Bring in data",
      text: "A dataset is a table that panels read: from a file, or sent by a program.",
      page: paths.adminDatasets(),
      isDone: datasets.data && datasets.data.items.length > 0,
    },
    {
      title: "Make a section",
      text: "A section is a page of the dashboard, with charts, numbers, tables and texts.",
      page: paths.adminSections(),
      isDone: sections.data && sections.data.items.length > 0,
    },
    {
      title: "Add people",
      text: "Each of them gets a link from you, on which they choose their password.",
      page: paths.adminUsers(),
      isDone: people.data && people.data.items.length > 1,
    },
    {
      title: "Make a role",
      text: "A role bundles what its people may do and see, so that you say it once.",
      page: paths.adminRoles(),
      isDone: roles.data && roles.data.items.some(({ builtIn }) => !builtIn),
    },
    {
      title: "Say who may see what",
      text: "A grant opens a section to a person or to everybody of a role.",
      page: paths.adminGrants(),
      isDone:
        grants.data &&
        grants.data.items.some((grant) =>
          grant.role === null
            ? grant.user?.id !== user.id
            : !roles.data?.items.some(({ id, builtIn }) => builtIn && id === grant.role?.id),
        ),
    },
  ];
  return steps.flatMap((step) => (may(step.page) ? [{ ...step, page: step.page }] : []));
};

/** On a new installation: what there is to do, until it is done or somebody has enough of it. */
export function FirstSteps({
  session,
  otherwise,
}: {
  readonly session: Session;
  /** For whoever is past them, and may see no section all the same. */
  readonly otherwise: ReactNode;
}): ReactNode {
  const navigate = useNavigate();
  const steps = useSteps(session);
  const [first] = session.sections;
  const done = steps.filter(({ isDone }) => isDone === true).length;
  const isOver = done === steps.length;
  const userId = session.user.id;
  useEffect(() => {
    if (isOver) noteFirstStepsOver(userId);
  }, [isOver, userId]);
  if (isOver && first) return <Navigate to={paths.section(first.slug)} replace />;
  const hasSections = steps.some(({ page, isDone }) => isDone && page === paths.adminSections());
  if (isOver || (hasSections && !first)) return otherwise;
  // Whoever has a section and is past all of this is not to see it flash by.
  if (steps.some(({ isDone }) => isDone === undefined)) return <SectionSkeleton />;
  return (
    <div className={classes.page}>
      <PageHeading
        title="First steps"
        lead={`Welcome, ${session.user.displayName}. ${done === 0 ? "This is what there is to do, in any order." : `${done} of ${steps.length} are done.`}`}
      >
        First steps
      </PageHeading>
      <ol className={classes.steps}>
        {steps.map(({ title, text, page, isDone }) => (
          <li key={title} data-done={isDone}>
            {isDone ? (
              <IconCircleCheckFilled size={24} aria-hidden="true" />
            ) : (
              <IconCircle size={24} stroke={1.5} aria-hidden="true" />
            )}
            <div>
              <Link to={page}>{title}</Link>
              {isDone && <VisuallyHidden>, done</VisuallyHidden>}
              <p>{text}</p>
            </div>
          </li>
        ))}
      </ol>
      <div className={classes.actions}>
        {first && (
          <Link to={paths.section(first.slug)} {...buttonLook()}>
            Go to your sections
          </Link>
        )}
        <Button
          variant="default"
          onClick={() => {
            noteFirstStepsOver(userId);
            void navigate(first ? paths.section(first.slug) : paths.admin());
          }}
        >
          Do not show this again
        </Button>
      </div>
    </div>
  );
}
