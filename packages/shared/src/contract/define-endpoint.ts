/**
 * How endpoints are written down: apart from what is known of them, since this needs schemas, and
 * the client has none.
 */
import * as z from "zod";
import { makesSomething, type Endpoint, type MakesSomething } from "./endpoint.ts";

/** A name that the caller has made up for a request, so that its repetitions are known as such. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, "This must be 1 to 255 visible ASCII characters.")
  .exactOptional();

const keyHeader = {
  "idempotency-key": idempotencyKey.meta({
    description:
      "A random value for each request, the same for its repetitions: for 24 hours they get the answer of the first, with `Idempotency-Replayed: true`, and nothing is done again. An error is not kept, since it has changed nothing.",
    example: "1f0c9a1e-4a0b-4a37-9c0e-6b8a0d6c2f41",
  }),
};

type ShapeOf<S> = S extends z.ZodObject<infer Shape> ? Shape : Record<never, never>;
/** With the header of its key, where it makes something. */
export type Defined<E extends Endpoint> =
  MakesSomething<E> extends true
    ? Omit<E, "headers"> & {
        readonly headers: z.ZodObject<
          ShapeOf<E extends { readonly headers: infer H } ? H : unknown> & typeof keyHeader
        >;
      }
    : E;

/**
 * Checks one endpoint where it is written, so that a missing `access` is reported at that endpoint.
 * One that makes something takes an `Idempotency-Key`, without saying so.
 */
export const endpoint = <const E extends Endpoint>(definition: E): Defined<E> => {
  const headers = { ...definition.headers?._zod.def.shape, ...keyHeader };
  const defined: unknown = makesSomething(definition)
    ? { ...definition, headers: z.object(headers) }
    : definition;
  return defined as Defined<E>;
};
