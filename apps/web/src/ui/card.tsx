import { useId, type ReactNode } from "react";
import classes from "./card.module.css";

/** A part of a page that is about one thing, with its heading and what can be done there. */
export function Card({
  title,
  anchor,
  actions,
  children,
}: {
  readonly title: string;
  /** What the address of the page has after its `#` where it is about this card. */
  readonly anchor?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <section id={anchor} className={classes.card} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** What is known of something, as names and values. */
export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
}): ReactNode => (
  <dl className={classes.facts}>
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** Cards below each other. */
export const Cards = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <div className={classes.cards}>{children}</div>
);
