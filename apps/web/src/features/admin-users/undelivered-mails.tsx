import type { Contract, ResponseBody } from "@sallyport/shared/client";
import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { paths } from "../../paths.ts";
import { Callout } from "../../ui/callout.tsx";
import { Moment } from "../../ui/moment.tsx";
import { RowLink } from "../../ui/row-link.tsx";
import classes from "./undelivered-mails.module.css";

type UndeliveredMail = ResponseBody<Contract["GET /undelivered-mails"]>["items"][number];

const kinds: Readonly<Record<UndeliveredMail["kind"], string>> = {
  emailChanged: "that the address of their account was changed",
  emailVerification: "where to verify their address",
  passwordChanged: "that their password was changed",
  passwordLinkMade: "that a link was made for choosing their password",
  passwordReset: "where to choose a new password",
  refreshTokenReused: "that one of their sessions was ended",
  signedInOnNewDevice: "that somebody signed in on a new device",
};

/** As many as can be looked at; the others are of the same kind, mostly. */
const shown = 5;

/** Who was not told of something by mail, and why; nothing where everybody was. */
export function UndeliveredMails(): ReactNode {
  const client = useClient();
  const { data } = useQuery(apiQuery(client, "GET /undelivered-mails", {}));
  if (!data || data.items.length === 0) return null;
  const { items } = data;
  const count = items.length;
  return (
    <div className={classes.place}>
      <Callout
        tone="warning"
        title={count === 1 ? "A mail could not be sent" : `${count} mails could not be sent`}
      >
        <ul className={classes.mails}>
          {items.slice(0, shown).map(({ id, user, to, kind, at, failure, triedAgainAt }) => (
            <li key={id}>
              <RowLink to={paths.adminUser(user.id)}>{user.displayName}</RowLink> (<bdi>{to}</bdi>)
              was not told {kinds[kind]}, on <Moment at={at} />.{" "}
              {triedAgainAt === null ? (
                "It is given up."
              ) : (
                <>
                  It is tried again on <Moment at={triedAgainAt} />.
                </>
              )}{" "}
              <span dir="auto">{failure}</span>
            </li>
          ))}
        </ul>
        {count > shown && (
          <p>And {count - shown} more. What is given up goes from here in a week.</p>
        )}
      </Callout>
    </div>
  );
}
