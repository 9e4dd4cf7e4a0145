import { describe, expect, it } from "vitest";
import { AppError } from "../answering/errors.ts";
import { readPeople } from "./read-people.ts";

const read = (lines: readonly string[]) =>
  readPeople(
    (async function* () {
      yield new TextEncoder().encode(["username,displayName,email,roles", ...lines].join("\r\n"));
    })(),
    () => undefined,
  );
const refusalOf = async (lines: readonly string[]) => {
  const thrown = await read(lines).catch((error: unknown) => error);
  if (!(thrown instanceof AppError)) throw thrown;
  return thrown.members;
};
const people = Array.from({ length: 500 }, (_, index) => `user${index},"Ada, ${"b".repeat(90)}",,`);

describe("people from a file", () => {
  it("are read from one of many pieces, up to as many as are imported at once", async () => {
    const found = await read(people);
    expect(found.map(({ username }) => username)).toEqual(people.map((_, at) => `user${at}`));
    expect(found.at(-1)).toMatchObject({ displayName: `Ada, ${"b".repeat(90)}`, line: 501 });
    const { errors } = await refusalOf([...people, ...people, ...people]);
    expect(errors).toMatchObject([{ pointer: "/lines/502", code: "too_many" }]);
  });

  it("have a hundred of their mistakes told, in few words", async () => {
    const members = await refusalOf([
      `ada,Ada,,${"x".repeat(50_000)}`,
      `ben,Ben,,${"y;".repeat(50_000)}`,
    ]);
    expect(members.errors).toHaveLength(100);
    expect(JSON.stringify(members).length).toBeLessThan(20_000);
  });
});
