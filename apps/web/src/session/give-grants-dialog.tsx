import { apiQuery, useCan, useClient } from "@sallyport/shared/react";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { ChoiceList, type Choice } from "../ui/choice-list.tsx";
import { DateField } from "../ui/date-field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { showToast } from "../ui/toasts.tsx";
import { useFormValues } from "../ui/use-form-values.ts";
import { endOfDay } from "./grant-end.ts";
import { grantsChanged } from "./grants-changed.ts";
import { everySection, type Grant, type GrantsOf } from "./grants-of.ts";
import { useChange } from "./use-change.ts";
import { useLate } from "./use-late.ts";

const mostChoices = 50;
const pauseMs = 250;

/** Sections for a user or a role. An id is the section's slug. */
const useSectionChoices = (q: string, isAsked: boolean): readonly Choice[] => {
  const client = useClient();
  const mayReadAll = useCan({ permission: "sections:read" });
  const query = mayReadAll
    ? ({ scope: "all", limit: mostChoices, ...(q !== "" && { q }) } as const)
    : { limit: 200 };
  const { data } = useQuery({
    ...apiQuery(client, "GET /sections", { query }),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  });
  const sought = q.toLocaleLowerCase();
  return [
    { id: everySection, title: "Every section", note: "Those made later included." },
    ...(data?.items ?? []).map(({ slug, title }) => ({ id: slug, title, note: slug })),
  ].filter(({ title, note }) => `${title}\n${note}`.toLocaleLowerCase().includes(sought));
};

/** Roles and people for a section. An id is a role's or a user's. */
const useHolderChoices = (q: string, isAsked: boolean): readonly Choice[] => {
  const client = useClient();
  const mayReadUsers = useCan({ permission: "users:read" });
  const mayReadRoles = useCan({ permission: "roles:read" });
  const query = { limit: mostChoices, ...(q !== "" && { q }) };
  const users = useQuery({
    ...apiQuery(client, "GET /users", { query }),
    enabled: isAsked && mayReadUsers,
    placeholderData: keepPreviousData,
  });
  const roles = useQuery({
    ...apiQuery(client, "GET /roles", { query }),
    enabled: isAsked && mayReadRoles,
    placeholderData: keepPreviousData,
  });
  return [
    ...(roles.data?.items ?? []).map(({ id, name, description }) => ({
      id,
      title: name,
      note: description === "" ? "Role" : `Role: ${description}`,
    })),
    ...(users.data?.items ?? []).map(({ id, displayName, username }) => ({
      id,
      title: displayName,
      note: username,
    })),
  ];
};

/** Gives one user or role some sections, or some users and roles one section. */
export function GiveGrantsDialog({
  of,
  known,
  onClose,
}: {
  readonly of: GrantsOf;
  /** What there is already. */
  readonly known: readonly Grant[];
  readonly onClose: () => void;
}): ReactNode {
  const queryClient = useQueryClient();
  const [text, setText] = useState("");
  const q = useLate(text.trim(), pauseMs);
  const form = useFormValues({ chosen: [] as readonly Choice[], day: "" });
  const { chosen, day } = form.values;
  const isOfSection = of.kind === "section";
  const sections = useSectionChoices(q, !isOfSection);
  const holders = useHolderChoices(q, isOfSection);
  const isThere = new Set(
    known.flatMap(({ user, role, section }) =>
      !isOfSection ? section : section === of.slug ? (user?.id ?? role?.id ?? []) : [],
    ),
  );
  const found = (isOfSection ? holders : sections).filter(({ id }) => !isThere.has(id));
  // What is chosen stays in sight, whatever is searched for next.
  const choices = [...chosen, ...found.filter(({ id }) => !chosen.some((one) => one.id === id))];
  const endOf = (): string | null => (day === "" ? null : endOfDay(day, new Date()));
  const give = useChange({
    call: (client, { ids }: { readonly ids: readonly string[] }) =>
      client.call("POST /grants/changes", {
        body: {
          remove: [],
          add: ids.map((id) => ({
            ...(isOfSection
              ? { section: of.slug, ...(id.startsWith("usr_") ? { userId: id } : { roleId: id }) }
              : { section: id, ...(of.kind === "user" ? { userId: of.id } : { roleId: of.id }) }),
            expiresAt: endOf(),
            etag: null,
          })),
        },
      }),
    check: ({ ids }) =>
      ids.length === 0
        ? { fields: {}, message: "Choose at least one." }
        : day !== "" && endOf() === null
          ? { fields: {}, message: "Choose a day from today on, or none for good." }
          : null,
    words: {
      codes: {
        precondition_failed:
          "Nothing is given: some of it was there already. What the list behind this shows is as it is now.",
      },
    },
    onDone: async ({ items }) => {
      await grantsChanged(queryClient);
      onClose();
      showToast(items.length === 1 ? "The grant is given." : `${items.length} grants are given.`);
    },
    onFailed: () => void grantsChanged(queryClient),
  });
  return (
    <FormDialog
      title={isOfSection ? `Who may see ${of.title}` : `What ${of.name} may see`}
      submitLabel="Give"
      isChanged={form.isChanged}
      pending={give.pending}
      failure={give.failure}
      onSubmit={() => give.run({ ids: chosen.map(({ id }) => id) })}
      onClose={onClose}
    >
      <ChoiceList
        legend={isOfSection ? "People and roles" : "Sections"}
        description="In force at once, on open pages too."
        choices={choices}
        chosen={chosen.map(({ id }) => id)}
        onChange={(ids) =>
          form.set(
            "chosen",
            choices.filter(({ id }) => ids.includes(id)),
          )
        }
        search={{ text, onSearch: setText }}
      />
      <DateField
        label="Last day (optional)"
        value={day}
        onChange={(chosenDay) => form.set("day", chosenDay)}
      />
    </FormDialog>
  );
}
