import { createContext } from "react";

/**
 * The id of the person whose view of the sections is looked at; null on one's own pages. Within it
 * nothing is changed, and links to sections stay in it.
 */
export const SeenAs = createContext<string | null>(null);
