import { expect, test } from "vitest";
import { csvRecord } from "./write-csv.ts";

test("a record is as RFC 4180 has it, and no text in it is a formula", () => {
  expect(csvRecord(["a", null, true, -1.5, 'say "hi"', "one, two\r\nthree"])).toBe(
    'a,,true,-1.5,"say ""hi""","one, two\r\nthree"\r\n',
  );
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", "'=1"])
    expect(csvRecord([text])).toBe(`'${text}\r\n`);
  expect(csvRecord(["\t=1"])).toBe(`"'\t'=1"\r\n`);
  expect(csvRecord(["\rx"])).toBe(`"'\rx"\r\n`);
});
