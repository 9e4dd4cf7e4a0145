import { dictionary } from "@zxcvbn-ts/language-common";
import { checkPassword } from "@sallyport/shared/core";
import { beforeAll, describe, expect, it } from "vitest";
import { loadCommonPasswords } from "./common-passwords.ts";

let isCommon: (text: string) => boolean;
beforeAll(async () => {
  isCommon = await loadCommonPasswords();
});

const codeOf = (password: string): string | undefined =>
  checkPassword(password, [], isCommon)?.code;
const words = dictionary["diceware-common"];

describe("passwords that are tried first", () => {
  it("are every listed one that is long enough", () => {
    const listed = dictionary["passwords-common"].filter((password) => password.length >= 15);
    expect(listed.length).toBeGreaterThan(30);
    for (const password of listed)
      expect([password, codeOf(password)]).toEqual([password, "password_common"]);
  });

  it.each([
    "iloveyouiloveyou1",
    "passw0rdpassw0rd!",
    "P@ssw0rd-P@ssw0rd",
    "qwertyuiopasdfghjkl",
    "letmeinletmein12",
    "correcthorsebatterystaple",
    "Correct Horse Battery Staple 1",
    "Password123456789",
    "adminadminadmin1",
    "1q2w3e4r5t6y7u8i9o0p",
    "summer2024summer2024",
    "football12345678",
    "dragonmaster2010",
    "welcometothejungle",
    "zxcvbnmasdfghjklqwertyuiop",
  ])(
    "are words, names, years and keys beside each other that only make it long: %s",
    (password) => {
      expect(codeOf(password)).toBe("password_common");
    },
  );

  it.each([
    "forty-two quiet herons",
    "nothing but plain small words",
    "xkq vbz mwj rty",
    "Quv7-eLp2-zzTq9x",
    "mike likes long walks by the sea",
    "4711 0815 9236 5512 8840",
  ])("are none that somebody has thought of: %s", (password) => {
    expect(codeOf(password)).toBeUndefined();
  });

  it("are never four words drawn from the best known list of words for that", () => {
    const passphrases = Array.from({ length: 100 }, (_, draw) =>
      [0, 1, 2, 3].map(
        (place) => words[(draw * 7919 + place * 2741 + draw * draw * (place + 1)) % words.length],
      ),
    ).flatMap((drawn) => [" ", "-", ""].map((separator) => drawn.join(separator)));
    const refused = passphrases.filter(
      (password) => password.length >= 15 && codeOf(password) !== undefined,
    );
    expect(refused).toEqual([]);
  });

  it("are recognised in bounded time, whatever 128 characters are to be estimated", () => {
    for (const pattern of [
      "a",
      "aA4@",
      "4@13!0$5",
      "p@ssw0rd",
      "20260101",
      "l1|!i",
      "@4ae3i1!|o0s5$z2t7+",
    ]) {
      const started = performance.now();
      isCommon(pattern.repeat(128).slice(0, 128));
      expect(performance.now() - started).toBeLessThan(3_000);
    }
  });
});
