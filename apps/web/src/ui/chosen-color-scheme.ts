/**
 * Which colour scheme a person has chosen, for the whole page. Where storage is forbidden it holds
 * until the page is left.
 */
import { useSyncExternalStore } from "react";
import {
  colorSchemeKey,
  readColorScheme,
  showColorScheme,
  systemIsDark,
  type ColorScheme,
} from "./color-scheme.ts";

let chosen = readColorScheme();
const listeners = new Set<() => void>();

const take = (next: ColorScheme): void => {
  chosen = next;
  showColorScheme(next);
  for (const listener of listeners) listener();
};

export const chooseColorScheme = (next: ColorScheme): void => {
  try {
    localStorage.setItem(colorSchemeKey, next);
  } catch {
    // It is shown all the same.
  }
  take(next);
};

/** Goes along when the system changes its scheme, and when another tab has chosen another. */
export const followColorScheme = (): void => {
  showColorScheme(chosen);
  systemIsDark().addEventListener("change", () => showColorScheme(chosen));
  window.addEventListener("storage", ({ key }) => {
    if (key === null || key === colorSchemeKey) take(readColorScheme());
  });
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useChosenColorScheme = (): ColorScheme =>
  useSyncExternalStore(subscribe, () => chosen);
