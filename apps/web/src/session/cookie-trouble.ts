/** Why a browser does not give back the cookies of a session, as far as the two addresses tell. */
export type CookieTrouble =
  /** Both are this machine, under two names: to a browser those are two sites. */
  | "twoNamesOfThisMachine"
  /** The API is on plain http somewhere else, where no browser keeps a `Secure` cookie. */
  | "plainHttp"
  /** Page and API are two sites, and the API knows. */
  | "otherSite"
  /** They are two sites, and the API takes them for one. */
  | "takenForOneSite"
  /** Nothing is wrong with the addresses: a setting, an extension, or something on the way. */
  | "refused";

type Address = Pick<URL, "protocol" | "hostname">;

const isThisMachine = ({ hostname }: Address): boolean =>
  /^(localhost|127\.0\.0\.1|\[::1\]|.*\.localhost)$/.test(hostname);

/**
 * Without the public suffix list, by the last two labels: two that differ there are two sites for
 * certain.
 */
const mayBeOneSite = (one: Address, other: Address): boolean => {
  const tail = ({ hostname }: Address): string =>
    /^[\d.]+$|^\[/.test(hostname) ? hostname : hostname.split(".").slice(-2).join(".");
  return one.protocol === other.protocol && tail(one) === tail(other);
};

/** @param mode what the API says of its cookies; undefined where it has not answered */
export const cookieTroubleOf = (
  page: Address,
  api: Address,
  mode: "same-site" | "cross-site" | undefined,
): CookieTrouble => {
  if (isThisMachine(page) && isThisMachine(api) && page.hostname !== api.hostname)
    return "twoNamesOfThisMachine";
  if (api.protocol === "http:" && !isThisMachine(api)) return "plainHttp";
  if (mode === "cross-site") return "otherSite";
  return mayBeOneSite(page, api) ? "refused" : "takenForOneSite";
};
