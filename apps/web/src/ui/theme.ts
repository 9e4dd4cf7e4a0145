import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

/** Verdigris, the green of old bronze gates. */
const gate: MantineColorsTuple = [
  "#eef8f6",
  "#d8eeea",
  "#b0dcd6",
  "#85c9c0",
  "#5fb5ab",
  "#3f9f95",
  "#2b877e",
  "#1d6f67",
  "#125a53",
  "#0b433e",
];
/** Brass, for what asks for attention. */
const brass: MantineColorsTuple = [
  "#fdf7e8",
  "#f8ebc9",
  "#f1d795",
  "#e9c05e",
  "#e0a63a",
  "#c98a1f",
  "#a66c14",
  "#835310",
  "#66400f",
  "#48300c",
];
/** A warm grey in place of Mantine's blue one. */
const gray: MantineColorsTuple = [
  "#f8f7f4",
  "#f2f0eb",
  "#e8e5dd",
  "#dbd7cc",
  "#c3beb1",
  "#9b968a",
  "#736f65",
  "#5b5850",
  "#3a3833",
  "#1f1e1b",
];
const dark: MantineColorsTuple = [
  "#e8e6e1",
  "#c9c8c3",
  "#a9aaa7",
  "#7d817f",
  "#4a504f",
  "#363c3c",
  "#262b2c",
  "#1c2021",
  "#141718",
  "#0d0f10",
];

const fontFamily =
  '"Inter Variable", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export const theme = createTheme({
  colors: { gate, brass, gray, dark },
  primaryColor: "gate",
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  luminanceThreshold: 0.18,
  black: "#1f1e1b",
  fontFamily,
  headings: { fontFamily, fontWeight: "650" },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
});

/** What Mantine's defaults leave below WCAG AA contrast. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#fbfaf8",
    "--mantine-color-text": "#1f1e1b",
    "--mantine-color-dimmed": "#5b5850",
    "--mantine-color-placeholder": "#736f65",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#125a53",
  },
  dark: {
    "--mantine-color-body": "#141718",
    "--mantine-color-text": "#e8e6e1",
    "--mantine-color-dimmed": "#a9aaa7",
    "--mantine-color-placeholder": "#8d918f",
    "--mantine-color-error": "#ff9d93",
    "--mantine-color-anchor": "#85c9c0",
  },
});
