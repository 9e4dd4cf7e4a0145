import { dictionary } from "@zxcvbn-ts/language-common";

const common = new Set<string>(dictionary["passwords-common"] ?? []);

/** Is the text, in lower case, among the passwords that are tried first? */
export const isCommonPassword = (text: string): boolean => common.has(text);
