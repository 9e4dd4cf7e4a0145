import { useSession } from "@sallyport/shared/react";
import type { ReactNode } from "react";
import { Cards } from "../../ui/card.tsx";
import { PageHeading } from "../../ui/page-heading.tsx";
import { SectionsCard } from "./sections-card.tsx";
import { SessionsCard } from "./sessions-card.tsx";
import { PasswordCard } from "./password-card.tsx";
import { OwnDataCard } from "./own-data-card.tsx";
import { ProfileCard } from "./profile-card.tsx";
import { EmailCard } from "./email-card.tsx";

/** Who you are here, what you may open, and where you are signed in: a card for each. */
export function AccountPage(): ReactNode {
  const session = useSession();
  return (
    <>
      <PageHeading title="Your account">Your account</PageHeading>
      {session && (
        <Cards>
          <ProfileCard session={session} />
          <EmailCard />
          <SectionsCard session={session} />
          <PasswordCard />
          <SessionsCard session={session} />
          <OwnDataCard session={session} />
        </Cards>
      )}
    </>
  );
}
