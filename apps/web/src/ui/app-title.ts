import { createContext } from "react";

/** The installation's name, as it ends every document title. */
export const AppTitle = createContext("Sallyport");
