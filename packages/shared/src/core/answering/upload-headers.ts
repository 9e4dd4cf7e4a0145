import { AppError } from "./errors.ts";

/** @param cause what the decompressor has to say, in words of its own */
export const notGzip = (cause: unknown): AppError =>
  new AppError("validation_failed", {
    detail: "The body is not gzip.",
    errors: [
      {
        pointer: "/headers/content-encoding",
        code: "not_gzip",
        detail: "It is something else, or ends early.",
      },
    ],
    cause,
  });

export interface UploadHeaders {
  readonly mediaType: string;
  /** In lower case, where the content type names one. */
  readonly charset: string | undefined;
  readonly isCompressed: boolean;
}

/**
 * How a body that is read as it arrives is to be read.
 * @throws AppError `unsupported_media_type`
 */
export const readUploadHeaders = (
  header: (name: string) => string | undefined,
  mediaTypes: readonly string[],
): UploadHeaders => {
  const [mediaType = "", ...parameters] = (header("content-type") ?? "")
    .split(";")
    .map((part) => part.trim().toLowerCase());
  if (!mediaTypes.includes(mediaType))
    throw new AppError("unsupported_media_type", {
      detail: `Send it as ${mediaTypes.join(", ")}, in the header Content-Type.`,
    });
  const coding = (header("content-encoding") ?? "identity").trim().toLowerCase();
  if (coding !== "identity" && coding !== "gzip")
    throw new AppError("unsupported_media_type", {
      detail: "Send it plain or as gzip, in the header Content-Encoding.",
    });
  const charset = parameters
    .find((parameter) => parameter.startsWith("charset="))
    ?.slice("charset=".length)
    .replaceAll('"', "");
  return { mediaType, charset, isCompressed: coding === "gzip" };
};
