import {
  convertCssVariables,
  defaultCssVariablesResolver,
  DEFAULT_THEME,
  mergeMantineTheme,
} from "@mantine/core";
import type { Plugin } from "vite";
import { cssVariablesResolver, theme } from "../src/ui/theme.ts";

type Variables = Record<`--${string}`, string>;

/**
 * The theme's CSS variables as a stylesheet, `virtual:theme.css`.
 * Mantine would put them into a `<style>` element at run time, which a Content-Security-Policy without
 * 'unsafe-inline' refuses; and a page on a static host has no nonce to give.
 */
export const themeStylesheet = (): Plugin => {
  const id = "virtual:theme.css";
  const unlike = (own: Variables, defaults: Variables): Variables =>
    Object.fromEntries(
      Object.entries(own).filter(([name, value]) => defaults[name as `--${string}`] !== value),
    );
  return {
    name: "sallyport-theme-stylesheet",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load(source) {
      if (source !== `\0${id}`) return null;
      const merged = mergeMantineTheme(DEFAULT_THEME, theme);
      const [own, defaults, fixed] = [
        defaultCssVariablesResolver(merged),
        defaultCssVariablesResolver(DEFAULT_THEME),
        cssVariablesResolver(merged),
      ];
      return convertCssVariables({
        variables: { ...unlike(own.variables, defaults.variables), ...fixed.variables },
        light: { ...unlike(own.light, defaults.light), ...fixed.light },
        dark: { ...unlike(own.dark, defaults.dark), ...fixed.dark },
      });
    },
  };
};
