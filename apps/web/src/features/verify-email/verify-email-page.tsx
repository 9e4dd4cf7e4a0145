import { isApiError } from "@sallyport/shared/client";
import { useClientState } from "@sallyport/shared/react";
import { useEffect, useState, type ReactNode } from "react";
import { Link, useLoaderData } from "react-router";
import { paths } from "../../paths.ts";
import { takeLinkToken } from "../../session/link-token.ts";
import { useChange } from "../../session/use-change.ts";
import { Button, buttonLook } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { MessagePage } from "../../ui/message-page.tsx";

/**
 * Where the link of a mail leads that verifies an address. Opening it does nothing: programs that
 * look through mail open links as well.
 */
export function VerifyEmailPage(): ReactNode {
  const [token, setToken] = useState(useLoaderData<string | null>());
  useEffect(() => {
    // A link put into the address bar of this page changes the fragment alone, and loads nothing.
    const take = (): void => {
      const found = takeLinkToken();
      if (found !== null) setToken(found);
    };
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  return token === null ? (
    <MessagePage title="Verify your address" actions={<Onward />}>
      <p>
        This page is opened by a link that is sent to you, and the address has none in it. Open the
        whole link, or have another sent from your account.
      </p>
    </MessagePage>
  ) : (
    <VerifyEmail key={token} token={token} />
  );
}

const Onward = (): ReactNode => {
  const isSignedIn = useClientState().status === "signedIn";
  return (
    <Link to={isSignedIn ? paths.account() : paths.signIn()} {...buttonLook()}>
      {isSignedIn ? "Go to your account" : "Sign in"}
    </Link>
  );
};

function VerifyEmail({ token }: { readonly token: string }): ReactNode {
  const [hasDied, setDied] = useState(false);
  const verify = useChange({
    call: (client, body: { readonly token: string }) =>
      client.call("POST /email-verifications/confirm", { body }),
    onFailed: (error) => setDied(isApiError(error, "one_use_token_invalid")),
  });
  if (verify.isDone)
    return (
      <MessagePage title="Your address is verified" takesFocus actions={<Onward />}>
        <p>If you forget your password, you can have a link sent there now.</p>
      </MessagePage>
    );
  if (hasDied)
    return (
      <MessagePage title="This link no longer works" takesFocus actions={<Onward />}>
        <p>
          Each link works once, for a day, and until a newer one is sent or the address is changed.
          If your address is not verified yet, have another link sent from your account.
        </p>
      </MessagePage>
    );
  return (
    <MessagePage
      title="Verify your address"
      actions={
        <Button loading={verify.pending} onClick={() => verify.run({ token })}>
          This address is mine
        </Button>
      }
    >
      <p>
        A link was sent to your e-mail address. Say that it has reached you: then a forgotten
        password can be chosen anew by mail.
      </p>
      <div role="alert">
        {verify.failure?.message != null && (
          <Callout tone="danger">{verify.failure.message}</Callout>
        )}
      </div>
    </MessagePage>
  );
}
