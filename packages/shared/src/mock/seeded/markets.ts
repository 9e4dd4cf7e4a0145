import { companies } from "../../sample/sample.ts";
import type { Chance } from "../random.ts";
import {
  type Row,
  along,
  createWander,
  day,
  monthsFrom,
  percentChange,
  round,
  toDate,
  yearOf,
} from "./courses.ts";

/** Two booms, two falls by half, a long rise, and a fall within weeks. */
const indexCourse: readonly (readonly [number, number])[] = [
  [2000, 1_455],
  [2000.66, 1_520],
  [2002.77, 780],
  [2007.77, 1_560],
  [2008.7, 1_220],
  [2009.19, 680],
  [2011.35, 1_360],
  [2011.75, 1_130],
  [2015.4, 2_120],
  [2016.1, 1_880],
  [2018.72, 2_920],
  [2018.98, 2_380],
  [2020.13, 3_380],
  [2020.23, 2_250],
  [2020.3, 2_870],
];

const makeIndexDays = (
  chance: Chance,
): { readonly day: string; readonly close: number; readonly volume: number }[] => {
  const wander = createWander(chance, 0.009, 0.02);
  const found = [];
  for (let at = Date.UTC(2000, 0, 3); at <= Date.UTC(2020, 3, 17); at += day) {
    if (new Date(at).getUTCDay() % 6 === 0) continue;
    const year = yearOf(at);
    const volume =
      along(
        [
          [2000, 1e9],
          [2007, 3e9],
          [2009, 6e9],
          [2013, 3.4e9],
          [2020.1, 3.6e9],
          [2020.2, 7.5e9],
          [2020.3, 5.5e9],
        ],
        year,
      ) * Math.exp(chance.normal() * 0.16);
    found.push({
      day: toDate(at),
      close: round(along(indexCourse, year) * Math.exp(wander())),
      volume: Math.round(volume / 1e4) * 1e4,
    });
  }
  return found;
};

export const makeStocks = (chance: Chance): Row[] => {
  const courses: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
    Apple: [
      [2000, 26],
      [2001, 9],
      [2004, 11],
      [2006, 75],
      [2008, 190],
      [2009.1, 88],
      [2010.3, 220],
    ],
    Amazon: [
      [2000, 65],
      [2001.8, 8],
      [2004, 48],
      [2006.5, 32],
      [2008, 90],
      [2008.9, 45],
      [2010.3, 128],
    ],
    Google: [
      [2004.6, 105],
      [2006, 420],
      [2007.9, 690],
      [2008.9, 300],
      [2010, 600],
      [2010.3, 560],
    ],
    IBM: [
      [2000, 100],
      [2002.7, 58],
      [2004, 92],
      [2008.4, 122],
      [2008.9, 80],
      [2010.3, 125],
    ],
    Microsoft: [
      [2000, 40],
      [2001, 20],
      [2004, 22],
      [2007.9, 32],
      [2009.1, 16],
      [2010.3, 29],
    ],
  };
  return Object.values(companies).flatMap((company) => {
    const wander = createWander(chance, 0.07, 0.25);
    const months = company === "Google" ? monthsFrom(2004, 8, 68) : monthsFrom(2000, 1, 123);
    const prices = months.map((month) =>
      round(along(courses[company] ?? [], yearOf(month)) * Math.exp(wander())),
    );
    const base = prices[months.indexOf(Date.UTC(2005, 0))] ?? 1;
    let record = 0;
    return prices.map((price, index): Row => {
      record = Math.max(record, price);
      const before = prices[index - 1];
      return [
        company,
        toDate(months[index] as number),
        price,
        round((price / base) * 100, 1),
        before === undefined ? null : percentChange(price, before),
        percentChange(price, record),
      ];
    });
  });
};

export const makeIndex = (chance: Chance): Row[] => {
  let [before, record]: [number | null, number] = [null, 0];
  return makeIndexDays(chance).map(({ day: on, close, volume }): Row => {
    record = Math.max(record, close);
    const swing = before === null ? null : Math.abs(percentChange(close, before));
    before = close;
    return [on, close, volume, swing, percentChange(close, record)];
  });
};

export const makeIndexYears = (chance: Chance): Row[] => {
  const years = [...Map.groupBy(makeIndexDays(chance), ({ day: on }) => on.slice(0, 4))];
  return years.map(([year, days], index): Row => {
    const before = years[index - 1]?.[1].at(-1)?.close ?? days[0]?.close ?? 1;
    const close = days.at(-1)?.close ?? 1;
    return [`${year}-01-01`, percentChange(close, before), close];
  });
};
