import { describe, expect, it } from "vitest";
import { encodeText, encodeValue } from "./values.ts";

describe("values", () => {
  const text = (type: Parameters<typeof encodeText>[0], cell: string) => {
    const encoded = encodeText(type, cell);
    return encoded.ok ? encoded.value : "refused";
  };
  const json = (type: Parameters<typeof encodeValue>[0], one: unknown) => {
    const encoded = encodeValue(type, one);
    return encoded.ok ? encoded.value : "refused";
  };

  it("that hold half of a character are stored as any database stores them", () => {
    expect(json("text", "a\ud800b")).toBe("a\ufffdb");
    expect(json("text", "😀")).toBe("😀");
  });

  it("from CSV are read as their type says, and not otherwise", () => {
    expect(
      ["12", "+1", "-3", "1e3", "1.0", "0x1f", "9007199254740993", "1 2"].map((cell) =>
        text("integer", cell),
      ),
    ).toEqual([12, 1, -3, "refused", "refused", "refused", "refused", "refused"]);
    expect(
      ["1.5", ".5", "5.", "1e3", "1e999", "1,5", "NaN", "Infinity", "."].map((cell) =>
        text("decimal", cell),
      ),
    ).toEqual([1.5, 0.5, 5, 1_000, "refused", "refused", "refused", "refused", "refused"]);
    expect(["true", "FALSE", "1", "0", "yes"].map((cell) => text("boolean", cell))).toEqual([
      1,
      0,
      1,
      0,
      "refused",
    ]);
    expect(
      ["2024-02-29", "2026-02-29", "2026-1-1", "01.02.2026", "2026-01-01T00:00:00Z"].map((cell) =>
        text("date", cell),
      ),
    ).toEqual(["2024-02-29", "refused", "refused", "refused", "refused"]);
    expect(text("text", "  kept  ")).toBe("  kept  ");
    expect(text("text", "a\0b")).toBe("refused");
    for (const type of ["text", "integer", "decimal", "boolean", "date", "timestamp"] as const)
      expect(text(type, "")).toBeNull();
  });

  it("that are timestamps need an offset, and are stored as milliseconds since 1970", () => {
    expect(
      [
        "1970-01-01T00:00:01Z",
        "1970-01-01 01:00:00.5+01:00",
        "1970-01-02",
        "1970-01-01T00:00",
        "1970-02-30T00:00:00Z",
        "1970-01-01T25:00:00Z",
      ].map((cell) => text("timestamp", cell)),
    ).toEqual([1_000, 500, 86_400_000, "refused", "refused", "refused"]);
  });

  it("from JSON are not converted", () => {
    expect([1, 1.5, "1", true, Number.NaN].map((one) => json("integer", one))).toEqual([
      1,
      "refused",
      "refused",
      "refused",
      "refused",
    ]);
    expect([1.5, Infinity, "1.5"].map((one) => json("decimal", one))).toEqual([
      1.5,
      "refused",
      "refused",
    ]);
    expect([true, 1, "true"].map((one) => json("boolean", one))).toEqual([1, "refused", "refused"]);
    expect(["a", 1, {}, "x".repeat(10_001)].map((one) => json("text", one))).toEqual([
      "a",
      "refused",
      "refused",
      "refused",
    ]);
  });
});
