import { query, sectionDefinition } from "../../contract/contract.ts";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { issuesOf } from "./validation-issues.ts";

const pointersOf = (schema: z.ZodType, value: unknown, part = ""): string[] => {
  const { error } = schema.safeParse(value);
  return error ? issuesOf(part, value, error).map(({ pointer }) => pointer) : [];
};
const inQuery = (members: object): string[] =>
  pointersOf(query, { dataset: "orders", select: [{ column: "x" }], ...members });

describe("what is wrong with a value", () => {
  it("is pointed at, from the part of the request on", () => {
    expect(pointersOf(query, { dataset: "orders", select: [{ column: "" }] })).toEqual([
      "/select/0/column",
    ]);
    expect(pointersOf(query, { dataset: "Orders", select: [] }, "body")).toEqual([
      "/body/dataset",
      "/body/select",
    ]);
    expect(pointersOf(query, 7)).toEqual(["/"]);
    expect(pointersOf(query, 7, "body")).toEqual(["/body"]);
  });

  it("is told of a parameter that came twice as what it is", () => {
    const { error } = z
      .object({ limit: z.coerce.number(), include: z.literal("data") })
      .safeParse({ limit: ["1", "2"], include: ["data", "data"] });
    expect(
      error && issuesOf("query", { limit: ["1", "2"], include: ["data", "data"] }, error),
    ).toEqual([
      expect.objectContaining({ pointer: "/query/limit", detail: "This may be given only once." }),
      expect.objectContaining({
        pointer: "/query/include",
        detail: "This may be given only once.",
      }),
    ]);
  });

  it("is a member that nobody knows, each by its name, escaped as JSON pointers are", () => {
    expect(inQuery({ extra: 1, "a/b~c": 2 })).toEqual(["/extra", "/a~1b~0c"]);
  });

  it("is told by the form of a union that comes closest", () => {
    expect(inQuery({ select: [{ aggregate: "summ", column: "x", name: "y" }] })).toEqual([
      "/select/0/aggregate",
    ]);
    expect(inQuery({ select: [{ bucket: "fortnight", column: "x" }] })).toEqual([
      "/select/0/bucket",
    ]);
    expect(inQuery({ select: [{ colum: "x" }] })).toEqual(["/select/0/column", "/select/0/colum"]);
    expect(inQuery({ filter: { column: "x", is: "equals", value: 1 } })).toEqual(["/filter/is"]);
    expect(
      inQuery({
        filter: {
          and: [
            { column: "x", is: "less" },
            { or: [{ column: "x", is: "last", duration: "30 days" }] },
          ],
        },
      }),
    ).toEqual(["/filter/and/0/value", "/filter/and/1/or/0/duration"]);
  });

  it("is the value itself where no form of a union is near", () => {
    expect(inQuery({ select: ["x"], filter: 7 })).toEqual(["/select/0", "/filter"]);
    expect(
      pointersOf(sectionDefinition, {
        slug: "a",
        title: "A",
        panels: [7, { kind: "pie", title: "Pie", width: 3 }],
      }),
    ).toEqual(["/panels/0", "/panels/1/kind"]);
  });
});
