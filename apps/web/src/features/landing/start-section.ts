import type { Session } from "@sallyport/shared/client";

/** The section that somebody has chosen to begin with, as long as they may open it. */
export const startSectionOf = ({
  preferences,
  sections,
}: Session): Session["sections"][number] | undefined =>
  sections.find(({ slug }) => slug === preferences?.startPage);
