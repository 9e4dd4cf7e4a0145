import { expect, it } from "vitest";
import type { AccessRequest, AskedSoFar } from "./access-request-store.ts";
import { decideAsking } from "./ask-for-access.ts";
import { askedOfNothing, overAt } from "./waiting-in-vain.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const share = (value: number): readonly number[] => {
  const whole = Math.floor(value * 2 ** 24);
  return [whole >> 16, (whole >> 8) & 255, whole & 255];
};
const section = { id: "sec_1", slug: "finance", visibility: "restricted" } as const;
const nothing: AskedSoFar = { version: "1", requests: [], section: null };

/** When it is over, of what is asked for at 0. */
const asked = (
  found: AskedSoFar,
  { lot = 0.5, chance = 0.5, moment = 0.5, at = 0 } = {},
): { readonly request: AccessRequest; readonly isNew: boolean } => {
  const { request, writes } = decideAsking(found, {
    id: "acr_new",
    lot: Uint8Array.from(share(lot)),
    chance: Uint8Array.from([...share(chance), ...share(moment)]),
    userId: "usr_1",
    slug: "finance",
    note: "",
    at,
    maySee: false,
    record: {},
  });
  return { request, isNew: writes?.add !== null };
};

const week = 7 * day;
const tenths = Array.from({ length: 10 }, (_, index) => (index + 0.5) / 10);

it("what there is not is answered at an address as often as its lot says, any often being as likely", () => {
  const answers = tenths.map(
    (lot) =>
      tenths.filter((chance) => overAt(asked(nothing, { lot, chance }).request) < week).length,
  );
  expect(answers).toEqual(tenths.map((_, index) => index));
});

it("what there is not is answered after ten minutes at the soonest, and after up to a week", () => {
  const over = (moment: number): number =>
    overAt(asked(nothing, { lot: 1 - 2 ** -24, chance: 0, moment }).request);
  expect(over(0)).toBe(10 * minute);
  expect(over(1 - 2 ** -24)).toBeGreaterThan(week - 10 * minute);
  expect(over(1 - 2 ** -24)).toBeLessThan(week);
  const waits = tenths.map(over);
  const countBetween = (from: number, to: number): number =>
    waits.filter((wait) => wait >= from && wait < to).length;
  expect([countBetween(0, hour), countBetween(hour, day), countBetween(day, week)]).toEqual([
    3, 4, 3,
  ]);
});

it("a refusal is told after ten minutes at the soonest, and a wait as over after a week", () => {
  const { request } = asked({ ...nothing, section });
  expect(request).toMatchObject({ sectionId: "sec_1", answeredAt: null });
  expect(overAt(request)).toBe(week);
  expect(overAt({ ...request, answeredAt: minute })).toBe(10 * minute);
  expect(overAt({ ...request, answeredAt: hour })).toBe(hour);
  expect(overAt({ ...request, answeredAt: 8 * day })).toBe(week);
  expect(overAt(askedOfNothing(request))).toBe(week);
});

it("what is asked for once more waits on as it is, and anew where a refusal is not told of yet", () => {
  const { request } = asked({ ...nothing, section });
  const again = (one: AccessRequest, at: number) =>
    asked({ version: "2", requests: [one], section }, { at });
  expect(again(request, minute)).toEqual({ request, isNew: false });
  const refused = { ...request, answeredAt: minute };
  expect(again(refused, 2 * minute)).toEqual({
    request: { ...request, id: "acr_new" },
    isNew: true,
  });
  expect(again(refused, 10 * minute).request).toMatchObject({ askedAt: 10 * minute });
});
