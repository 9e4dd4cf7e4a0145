import type { Session } from "@sallyport/shared/client";
import { apiQuery, useCan, useClient, useClientState, useSession } from "@sallyport/shared/react";
import { IconDoor, IconTool } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, Navigate, useRevalidator } from "react-router";
import { paths } from "../../paths.ts";
import { useAdminPages } from "../../session/admin-pages.ts";
import { HowToSetUp } from "../../session/not-set-up.tsx";
import { useIsNotSetUp } from "../../session/setup-state.ts";
import { WhoToTell } from "../../session/who-to-tell.tsx";
import { AgainButton } from "../../ui/again-button.tsx";
import { buttonLook } from "../../ui/button.tsx";
import { MessagePage } from "../../ui/message-page.tsx";
import { startSectionOf } from "./start-section.ts";
import { areFirstStepsOver } from "./first-steps-over.ts";
import { FirstSteps } from "./first-steps.tsx";

/** For somebody who may open no section: who they are, and what to do. */
export function EmptyLandingPage(): ReactNode {
  const session = useSession();
  const { status } = useClientState();
  const makesSections = useCan({ permission: "sections:write" });
  if (session && makesSections && !areFirstStepsOver(session.user.id))
    return (
      <FirstSteps
        session={session}
        otherwise={<NothingGrantedPage session={session} makesSections />}
      />
    );
  // Granted or made meanwhile.
  const first = session && (startSectionOf(session) ?? session.sections[0]);
  if (first) return <Navigate to={paths.section(first.slug)} replace />;
  if (status === "visitor") return <NotSetUpPage />;
  return <NothingGrantedPage session={session} makesSections={makesSections} />;
}

/** Led here because there is no admin; once there is, as any visitor is. */
function NotSetUpPage(): ReactNode {
  const isNotSetUp = useIsNotSetUp(true);
  const revalidator = useRevalidator();
  return (
    <MessagePage
      icon={<IconTool size={28} stroke={1.6} />}
      title="Not set up yet"
      actions={
        <>
          <AgainButton
            pending={revalidator.state === "loading"}
            onClick={() => void revalidator.revalidate()}
          >
            Look again
          </AgainButton>
          {!isNotSetUp && (
            <Link to={paths.signIn()} {...buttonLook({ variant: "default" })}>
              Sign in
            </Link>
          )}
        </>
      }
    >
      <HowToSetUp />
    </MessagePage>
  );
}

function NothingGrantedPage({
  session,
  makesSections,
}: {
  readonly session: Session | null;
  readonly makesSections: boolean;
}): ReactNode {
  const client = useClient();
  const revalidator = useRevalidator();
  const all = useQuery({
    ...apiQuery(client, "GET /sections", { query: { scope: "all", limit: 1 } }),
    enabled: makesSections,
  });
  const existing = all.data?.items[0];
  return (
    <MessagePage
      icon={<IconDoor size={28} stroke={1.6} />}
      title={
        existing
          ? "No section is granted to you"
          : makesSections && all.data
            ? "There are no sections yet"
            : "Nothing to see here yet"
      }
      actions={
        <AgainButton
          pending={revalidator.state === "loading"}
          onClick={() => void revalidator.revalidate()}
        >
          Look again
        </AgainButton>
      }
    >
      {session &&
        (makesSections ? (
          <ForAdmin session={session} hasSome={existing !== undefined} />
        ) : (
          <ForUser session={session} />
        ))}
    </MessagePage>
  );
}

function ForUser({ session: { user } }: { readonly session: Session }): ReactNode {
  return (
    <>
      <p>No section has been granted to you yet.</p>
      <WhoToTell user={user} />
    </>
  );
}

function ForAdmin({
  session: { user },
  hasSome,
}: {
  readonly session: Session;
  /** There are sections, though not for them. */
  readonly hasSome: boolean;
}): ReactNode {
  const pages = useAdminPages();
  return (
    <>
      <p>
        You are signed in as <strong>{user.displayName}</strong> ({user.username}), and you may make
        sections.
      </p>
      {hasSome && (
        <p>
          There are some, but none is granted to you.
          {pages.some(({ path }) => path === paths.adminGrants()) && (
            <>
              {" "}
              <Link to={paths.adminGrants({ q: user.username })}>
                See who may see which section
              </Link>
              .
            </>
          )}
        </p>
      )}
      <p>A section appears here as soon as you may see it.</p>
    </>
  );
}
