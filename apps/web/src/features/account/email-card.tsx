import { apiQuery, useClient } from "@sallyport/shared/react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useChange } from "../../session/use-change.ts";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";

const withoutMail =
  "No mail is sent from here. The person who runs this dashboard can make a link for a forgotten password.";

/** Whether mail to the person's address is known to reach them; nothing without an address. */
export function EmailCard(): ReactNode {
  const client = useClient();
  const { data } = useQuery(apiQuery(client, "GET /account/email"));
  const send = useChange({ call: (api) => api.call("POST /email-verifications") });
  if (!data || data.email === null) return null;
  const { email, verified, mail } = data;
  return (
    <Card
      title="Your address"
      actions={
        !verified &&
        mail && (
          <Button variant="default" loading={send.pending} onClick={() => send.run()}>
            {send.isDone ? "Send another link" : "Verify the address"}
          </Button>
        )
      }
    >
      {verified ? (
        <p>
          <bdi>{email}</bdi> is verified.{" "}
          {mail ? "A link for a forgotten password can be sent there." : withoutMail}
        </p>
      ) : (
        <p>
          <bdi>{email}</bdi> is not verified.{" "}
          {mail ? "Once it is, a link for a forgotten password can be sent there." : withoutMail}
        </p>
      )}
      <div role="status">
        {send.isDone && !verified && (
          <Callout tone="info">
            A link is on its way. It works for a day, in any browser. Look among the unwanted mail
            as well.
          </Callout>
        )}
      </div>
      <div role="alert">
        {send.failure?.message != null && <Callout tone="danger">{send.failure.message}</Callout>}
      </div>
    </Card>
  );
}
