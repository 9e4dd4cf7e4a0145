import { useClient, useSession } from "@sallyport/shared/react";
import { useEffect, useState, type ReactNode } from "react";
import { FormDialog } from "../ui/form-dialog.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { useChange } from "./use-change.ts";
import { UsernameForKeepers } from "./username-for-keepers.tsx";

/** Who is signed in shows that it is still them. Whatever was typed below stays as it is. */
export function FreshSignInDialog({
  onAnswer,
}: {
  readonly onAnswer: (isShown: boolean) => void;
}): ReactNode {
  const client = useClient();
  const session = useSession();
  const [password, setPassword] = useState("");
  const confirm = useChange({
    call: (asked, given: string) => asked.stepUp(given),
    check: (given) =>
      given === "" ? { fields: { password: "Enter your password." }, message: null } : null,
    words: {
      fields: ["password"],
      codes: { invalid_credentials: { field: "password", text: "This is not your password." } },
    },
    onDone: () => onAnswer(true),
    onFailed: () => setPassword(""),
  });
  useEffect(() => {
    // Another dialog may have come over this one, in which they have signed in again.
    const stops = [
      client.on("signedIn", () => onAnswer(true)),
      client.on("signedOut", () => onAnswer(false)),
    ];
    return () => stops.forEach((stop) => stop());
  }, [client, onAnswer]);
  return (
    <FormDialog
      title="Confirm that it is you"
      submitLabel="Confirm"
      isChanged={false}
      pending={confirm.pending}
      failure={confirm.failure}
      onSubmit={() => confirm.run(password)}
      onClose={() => onAnswer(false)}
    >
      <p>
        What you are about to do needs your password, since you have not signed in within the last
        five minutes. It then goes on by itself, and for five minutes you are not asked again.
      </p>
      {session && <UsernameForKeepers username={session.user.username} />}
      <PasswordField
        label="Your password"
        name="password"
        autoComplete="current-password"
        maxLength={128}
        data-autofocus
        value={password}
        error={confirm.failure?.fields.password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
