import { AppError } from "./errors.ts";

const bytesPerMebibyte = 1024 * 1024;

export const bodyTooLarge = (limitBytes: number): AppError =>
  new AppError("body_too_large", { detail: `The body may have at most ${limitBytes} bytes.` });

/**
 * How much may be sent is a setting, which is named: whoever gets here has been let through to
 * write rows.
 */
export const uploadTooLarge = (limitBytes: number): AppError =>
  new AppError("body_too_large", {
    detail: `What is sent may have at most ${limitBytes} bytes, unpacked too. Rows that are added may come in several requests. Rows that replace all others cannot: for those, whoever runs the API has to raise \`SALLYPORT_UPLOAD_LIMIT_MIB\`, now ${limitBytes / bytesPerMebibyte}.`,
  });
