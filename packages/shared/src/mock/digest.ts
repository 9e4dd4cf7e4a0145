/**
 * What stands in for cryptography and for chance in the mock: short, the same everywhere, and the
 * same again for the same input. Different inputs give different results, and that is all: whoever
 * knows the seed can compute every secret.
 */

import { encodeBase64Url } from "../core/core.ts";

/** 128 bits (cyrb128). */
const mix = (text: string, start: number): readonly number[] => {
  let [a, b, c, d] = [1779033703 ^ start, 3144134277, 1013904242, 2773480762 ^ start];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a];
};

const bytesOf = (words: readonly number[]): Uint8Array =>
  Uint8Array.from(
    words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]),
  );

const digestOf = (text: string, starts: readonly number[]): string =>
  encodeBase64Url(bytesOf(starts.flatMap((start) => mix(text, start))));

/** 256 bits, in base64url: 43 characters. */
export const digest = (...parts: readonly (string | number)[]): string =>
  digestOf(JSON.stringify(parts), [0, 0x9e3779b9]);

/** 512 bits, in base64url: 86 characters. */
export const longDigest = (...parts: readonly (string | number)[]): string =>
  digestOf(JSON.stringify(parts), [0, 0x9e3779b9, 0x3c6ef372, 0xdaa66d2b]);

/** 128 bits, in base64url: 22 characters. */
export const shortDigest = (...parts: readonly (string | number)[]): string =>
  encodeBase64Url(bytesOf(mix(JSON.stringify(parts), 0)));

/** Two numbers of 32 bits, without a sign. */
export const numbersOf = (...parts: readonly (string | number)[]): readonly [number, number] => {
  const [first = 0, second = 0] = mix(JSON.stringify(parts), 0);
  return [first >>> 0, second >>> 0];
};

/** In the form of a UUID of version 4. */
export const uuidOf = (...parts: readonly (string | number)[]): string => {
  const digits = Array.from(bytesOf(mix(JSON.stringify(parts), 0)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
};

/** A number from 0 up to 1. */
export const chanceOf = (...parts: readonly (string | number)[]): number =>
  numbersOf(...parts)[0] / 2 ** 32;
