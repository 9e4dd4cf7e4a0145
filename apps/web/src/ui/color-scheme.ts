/**
 * The colour scheme, as it is kept in this browser and told to the stylesheet. The boot script uses
 * it as well.
 */
export type ColorScheme = "light" | "dark" | "auto";

/** The key under which the browser keeps the chosen one. */
export const colorSchemeKey = "sallyport-color-scheme";

export const readColorScheme = (): ColorScheme => {
  try {
    const kept = localStorage.getItem(colorSchemeKey);
    if (kept === "light" || kept === "dark") return kept;
  } catch {
    // Storage is forbidden: the system's scheme it is.
  }
  return "auto";
};

export const systemIsDark = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)");

export const showColorScheme = (chosen: ColorScheme): "light" | "dark" => {
  const scheme = chosen === "auto" ? (systemIsDark().matches ? "dark" : "light") : chosen;
  document.documentElement.dataset["colorScheme"] = scheme;
  return scheme;
};
