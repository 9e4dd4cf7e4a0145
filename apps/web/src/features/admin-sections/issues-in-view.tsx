import { createContext, use, type ReactNode } from "react";
import { fieldOf, type Issue } from "./edit/issues.ts";
import classes from "./editor.module.css";

/** What is wrong with the panel, or the section, that the fields are of. */
export const IssuesInView = createContext<readonly Issue[]>([]);

/** What is to be said at the field of this pointer. */
export const useIssue = (pointer: string): string | undefined =>
  use(IssuesInView).find((issue) => issue.pointer === pointer)?.detail;

/** What is wrong with several fields together, beside them. */
export function GroupIssue({ pointer }: { readonly pointer: string }): ReactNode {
  const issue = useIssue(pointer);
  return issue === undefined ? null : <p className={classes.issue}>{issue}</p>;
}

/** Puts the focus on the field that an issue belongs to, and opens what hides it. */
export const goToField = (pointer: string): void => {
  const fields = [...document.querySelectorAll<HTMLElement>("[data-pointer]")];
  const wanted = fieldOf(
    pointer,
    fields.map((field) => field.dataset["pointer"] ?? ""),
  );
  const field = fields.find((one) => one.dataset["pointer"] === wanted);
  if (!field) return;
  for (let around = field.parentElement; around; around = around.parentElement)
    if (around instanceof HTMLDetailsElement) around.open = true;
  field.focus();
};
