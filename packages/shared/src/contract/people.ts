/** Who a person may be called, and how they are reached: the same rules wherever one is added. */
import * as z from "zod";

export const username = z
  .string()
  // First of all: what is checked has to be what is compared and stored.
  .normalize("NFKC")
  .min(1)
  .max(64)
  .meta({
    description: "Case does not matter; compared after Unicode normalisation (NFKC).",
    example: "mike",
  });

/** Of somebody new. No patterns: what they need of Unicode takes a flag that JSON Schema lacks. */
export const newUsername = username
  .refine(
    (name) => /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name),
    "This must be letters, digits, dots, underscores and hyphens, and start with a letter or a digit.",
  )
  .meta({
    description:
      "Letters, digits, dots, underscores and hyphens; it starts with a letter or a digit.",
  });

/** A direction mark or a line break in a name rewrites what stands around it. */
const isVisible = (name: string): boolean => /^[[^\p{C}\p{Zl}\p{Zp}]\u200c\u200d]*$/v.test(name);
const visible = "This must not hold control characters or invisible ones.";

export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine(isVisible, visible)
  .meta({ description: "Without control characters and invisible ones." });

export const roleName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .refine(isVisible, visible)
  .meta({ description: "Without control characters and invisible ones.", example: "editors" });

export const roleDescription = z.string().trim().max(500).refine(isVisible, visible);

export const emailAddress = z.email().max(254);

export const userId = z
  .string()
  .regex(/^usr_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with usr_.")
  .meta({ example: "usr_4hT9vN0cS7S1m2kQxJr8Lg" });

export const roleId = z
  .string()
  .regex(/^rol_[A-Za-z0-9_-]{22}$/, "This must be an id that starts with rol_.")
  .meta({ example: "rol_8Jx2mQv0Tz5bKc1RwY7nLg" });

/** What an edit is told that was made on another version. */
export const ifMatch = z.string().max(1_000).exactOptional().meta({
  description:
    "The `ETag` of what is to be changed, as it was read; `*` for whatever it is by now.",
  example: '"3"',
});

export const namedRole = z.object({ id: roleId, name: z.string() }).meta({ id: "NamedRole" });
