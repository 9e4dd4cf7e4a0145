import { useSession } from "@sallyport/shared/react";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import type { Failure } from "../../session/failures.ts";
import { NewPasswordField } from "../../session/new-password-field.tsx";
import { shortestPassword } from "../../session/shortest-password.ts";
import { useChange } from "../../session/use-change.ts";
import { UsernameForKeepers } from "../../session/username-for-keepers.tsx";
import { Button } from "../../ui/button.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { PasswordField } from "../../ui/password-field.tsx";
import { showToast } from "../../ui/toasts.tsx";
import { useLeaveWarning } from "../../ui/use-leave-warning.ts";
import classes from "./password-card.module.css";

interface Values {
  readonly currentPassword: string;
  readonly newPassword: string;
}

const nothing: Values = { currentPassword: "", newPassword: "" };

const check = ({ currentPassword, newPassword }: Values): Failure<keyof Values> | null => {
  const fields = {
    ...(currentPassword === "" && { currentPassword: "Enter the password that you have now." }),
    ...([...newPassword].length < shortestPassword && {
      newPassword: `Use at least ${shortestPassword} characters.`,
    }),
  };
  return Object.keys(fields).length > 0 ? { fields, message: null } : null;
};

/** Another password for whoever is signed in. */
export function PasswordCard(): ReactNode {
  const session = useSession();
  const [values, setValues] = useState(nothing);
  const form = useRef<HTMLFormElement>(null);
  const change = useChange({
    call: (client, given: Values) => client.changePassword(given),
    check,
    words: {
      fields: ["currentPassword", "newPassword"],
      codes: {
        invalid_credentials: { field: "currentPassword", text: "This is not your password." },
      },
    },
    onDone: () => {
      setValues(nothing);
      showToast("Your password is changed. Every other session of yours has ended.");
    },
  });
  const { failure } = change;
  useLeaveWarning(values.newPassword !== "" && !change.pending);
  useEffect(() => {
    if (failure !== null)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failure]);
  if (!session) return null;
  const { username, displayName, email } = session.user;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    change.run(values);
  };
  const field = (name: keyof Values) => ({
    name,
    value: values[name],
    error: failure?.fields[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <Card title="Password" anchor="password">
      <p>
        When you change it, every other session of yours ends: in other browsers, on other devices
        and of programs. This one goes on.
      </p>
      <form ref={form} className={classes.form} noValidate onSubmit={submit}>
        <UsernameForKeepers username={username} />
        <PasswordField
          {...field("currentPassword")}
          label="Current password"
          autoComplete="current-password"
          maxLength={128}
        />
        <NewPasswordField
          {...field("newPassword")}
          label="New password"
          notMadeOf={[username, displayName, email ?? ""]}
        />
        <div role="alert">
          {failure !== null && failure.message !== null && (
            <Callout tone="danger">{failure.message}</Callout>
          )}
        </div>
        <Button type="submit" loading={change.pending}>
          Change the password
        </Button>
      </form>
    </Card>
  );
}
