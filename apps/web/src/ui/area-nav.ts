import { createContext } from "react";

/**
 * Where the page's column of navigation has room for that of an area, above the sections; null
 * while there is none. An area fetched late draws its links into it.
 */
export const AreaNav = createContext<HTMLElement | null>(null);
