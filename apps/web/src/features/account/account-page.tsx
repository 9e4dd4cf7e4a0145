import { useSession } from "@sallyport/shared/react";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import { formatDateTime } from "../../ui/times.ts";
import { PageHeading } from "../../ui/page-heading.tsx";
import { PasswordCard } from "./password-card.tsx";
import { SignOutEverywhereDialog } from "./sign-out-everywhere-dialog.tsx";
import classes from "./account-page.module.css";
import { Button } from "../../ui/button.tsx";

/** Who you are here, and what you may open. */
export function AccountPage(): ReactNode {
  const session = useSession();
  const [everywhere, setEverywhere] = useState(false);
  if (!session) return <PageHeading title="Your account">Your account</PageHeading>;
  const { user, roles, sections } = session;
  return (
    <div className={classes.page}>
      <PageHeading title="Your account">Your account</PageHeading>
      <section className={classes.card} aria-labelledby="account-who">
        <h2 id="account-who">Who you are</h2>
        <dl className={classes.facts}>
          <dt>Name</dt>
          <dd>{user.displayName}</dd>
          <dt>User name</dt>
          <dd>{user.username}</dd>
          <dt>E-mail</dt>
          <dd>{user.email ?? "None"}</dd>
          <dt>{roles.length === 1 ? "Role" : "Roles"}</dt>
          <dd>{roles.length === 0 ? "None" : roles.join(", ")}</dd>
        </dl>
      </section>
      <section className={classes.card} aria-labelledby="account-sections">
        <h2 id="account-sections">Sections you may open</h2>
        {sections.length === 0 ? (
          <p>None yet. The person who runs this dashboard can grant you some.</p>
        ) : (
          <ul className={classes.sections}>
            {sections.map((section) => (
              <li key={section.slug}>
                <Link to={paths.section(section.slug)}>{section.title}</Link>
              </li>
            ))}
          </ul>
        )}
      </section>
      <PasswordCard />
      <section className={classes.card} aria-labelledby="account-session">
        <h2 id="account-session">This session</h2>
        <p>
          It lasts until {formatDateTime(new Date(session.session.absoluteExpiresAt))} at the
          longest, and ends sooner if you stay away: on{" "}
          {formatDateTime(new Date(session.session.idleExpiresAt))}, unless you use it before.
        </p>
        <Button variant="default" onClick={() => setEverywhere(true)}>
          Sign out everywhere…
        </Button>
      </section>
      {everywhere && (
        <SignOutEverywhereDialog username={user.username} onClose={() => setEverywhere(false)} />
      )}
    </div>
  );
}
