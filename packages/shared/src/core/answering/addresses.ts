import type { ContractKey } from "../../contract/contract.ts";
import { methodOf, pathOf, type Method } from "../../contract/endpoint.ts";

/** A path of the contract and the endpoints that answer there. */
export interface Address {
  readonly path: string;
  readonly pattern: RegExp;
  readonly keys: Readonly<Partial<Record<Method, ContractKey>>>;
  /** The value of the header Allow. */
  readonly allow: string;
}

/**
 * Every path of these endpoints once, those without parameters first: `/datasets/detection` is no
 * dataset's name.
 */
export const addressesOf = (keys: readonly ContractKey[]): Address[] =>
  [...Map.groupBy(keys, pathOf)]
    .map(([path, ofPath]) => {
      const methods = ofPath.map(methodOf);
      return {
        path,
        pattern: new RegExp(
          `^${path.replaceAll(".", "\\.").replaceAll(/:([A-Za-z]+)/g, "(?<$1>[^/]+)")}$`,
        ),
        keys: Object.fromEntries(ofPath.map((key) => [methodOf(key), key])),
        allow: [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", "),
      };
    })
    .toSorted((one, other) => Number(one.path.includes(":")) - Number(other.path.includes(":")));
