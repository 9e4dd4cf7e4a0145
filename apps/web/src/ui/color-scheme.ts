/** The key under which the browser keeps the chosen colour scheme: `light`, `dark` or `auto`. */
export const colorSchemeKey = "sallyport-color-scheme";
