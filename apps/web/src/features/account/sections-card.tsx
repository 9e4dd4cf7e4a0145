import type { Session } from "@sallyport/shared/client";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { paths } from "../../paths.ts";
import { Card } from "../../ui/card.tsx";
import classes from "./sections-card.module.css";

/** What you may open. */
export function SectionsCard({ session: { sections } }: { readonly session: Session }): ReactNode {
  return (
    <Card title="Sections you may open">
      {sections.length === 0 ? (
        <p>None yet. The person who runs this dashboard can grant you some.</p>
      ) : (
        <ul className={classes.sections}>
          {sections.map((section) => (
            <li key={section.slug}>
              <Link to={paths.section(section.slug)}>
                <bdi>{section.title}</bdi>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
