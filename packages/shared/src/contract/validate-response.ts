/** Responses held to the contract: for development and tests, since it carries every schema. */
import * as z from "zod";
import { contract, type ContractKey } from "./contract.ts";
import { isEventStream, type Endpoint } from "./endpoint.ts";

/**
 * For `createClient({ validateResponse })`: gives the body as the contract has it, without members
 * that the contract does not name, since a newer server may send more. @throws where the status or
 * the body breaks the contract; the caller of the client gets a `ContractError`, with this as its
 * cause
 */
export const validateResponse = (key: ContractKey, status: number, body: unknown): unknown => {
  const { responses, exports } = contract[key] as Endpoint;
  // A file, which the client hands over unread.
  if (exports !== undefined && body instanceof Response) return body;
  const schema = responses[status];
  if (schema === undefined || isEventStream(schema))
    throw new Error(`${key} answers ${Object.keys(responses).join(" or ")}, not ${status}.`);
  return z.parse(schema ?? z.undefined(), body);
};
