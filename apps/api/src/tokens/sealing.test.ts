import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { deriveMasterSecrets } from "./master-secret.ts";
import { createSealing } from "./sealing.ts";

const place = Buffer.from("here");
const [old, current, another] = [randomBytes(32), randomBytes(32), randomBytes(32)] as const;

describe("what is sealed", () => {
  it("is opened where it was sealed, and under every listed master secret", () => {
    const before = createSealing(deriveMasterSecrets(old, []));
    const now = createSealing(deriveMasterSecrets(current, [old]));
    const sealed = before.seal("a link: é", place);
    expect(sealed).not.toContain("link");
    expect(before.seal("a link: é", place)).not.toBe(sealed);
    expect([before.open(sealed, place), now.open(sealed, place)]).toEqual([
      "a link: é",
      "a link: é",
    ]);
  });

  it("is opened nowhere else, by no other secret, and not where it was changed", () => {
    const sealing = createSealing(deriveMasterSecrets(current, []));
    const sealed = sealing.seal("a link", place);
    expect([
      sealing.open(sealed, Buffer.from("there")),
      createSealing(deriveMasterSecrets(another, [])).open(sealed, place),
      sealing.open(`${sealed.slice(0, -2)}AA`, place),
      sealing.open(sealed.slice(0, 20), place),
      sealing.open('{"link":"as it was kept before"}', place),
    ]).toEqual([null, null, null, null, null]);
  });
});
