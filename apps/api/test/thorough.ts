/** `THOROUGH=1`: what is proved by many of a kind is proved by more of them. */
export const isThorough = process.env["THOROUGH"] === "1";
