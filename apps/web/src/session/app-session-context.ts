import { createContext, use } from "react";
import type { AppSession } from "./app-session.ts";

export const AppSessionContext = createContext<AppSession | null>(null);

export const useAppSession = (): AppSession => {
  const session = use(AppSessionContext);
  if (!session) throw new Error("useAppSession needs an AppSessionContext above it.");
  return session;
};
