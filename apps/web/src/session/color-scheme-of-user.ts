/**
 * The colour scheme as it is kept with the user. This browser's copy is a hint for the first paint.
 */
import type { Client, Session } from "@sallyport/shared/client";
import type { ColorScheme } from "../ui/color-scheme.ts";

type Kept = NonNullable<NonNullable<Session["preferences"]>["colorScheme"]>;

export const shownAs = (kept: Kept): ColorScheme => (kept === "system" ? "auto" : kept);

let wanted: Kept | null = null;
let isSending = false;

/** Keeps it with the user. What is chosen while another choice is on its way follows that one. */
export const keepColorScheme = async (client: Client, chosen: ColorScheme): Promise<void> => {
  wanted = chosen === "auto" ? "system" : chosen;
  if (isSending) return;
  isSending = true;
  try {
    for (let next: Kept | null = wanted; next !== null; next = wanted) {
      wanted = null;
      await client.changeSession("PATCH /account", {
        headers: { "if-match": "*" },
        body: { colorScheme: next },
      });
    }
  } finally {
    wanted = null;
    isSending = false;
  }
};
