import { industries } from "../../sample/sample.ts";
import type { Chance } from "../random.ts";
import {
  type Row,
  along,
  createWander,
  monthsFrom,
  percentChange,
  round,
  toDate,
  yearOf,
} from "./courses.ts";

/** Thousands of people at a few points in time, by industry. */
const employed: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  mining_and_logging: [
    [2006, 670],
    [2008.6, 745],
    [2010, 680],
    [2014.9, 900],
    [2016, 740],
  ],
  construction: [
    [2006, 7_650],
    [2007, 7_720],
    [2010, 5_600],
    [2012, 5_600],
    [2016, 6_600],
  ],
  manufacturing: [
    [2006, 14_200],
    [2008, 13_750],
    [2010, 11_450],
    [2016, 12_330],
  ],
  trade_transportation_utilties: [
    [2006, 26_100],
    [2008, 26_700],
    [2010, 24_500],
    [2016, 27_000],
  ],
  information: [
    [2006, 3_050],
    [2008, 3_020],
    [2010, 2_720],
    [2016, 2_780],
  ],
  financial_activities: [
    [2006, 8_280],
    [2007, 8_390],
    [2010.5, 7_680],
    [2016, 8_200],
  ],
  professional_and_business_services: [
    [2006, 17_300],
    [2008, 18_050],
    [2010, 16_550],
    [2016, 19_900],
  ],
  education_and_health_services: [
    [2006, 18_000],
    [2010, 19_850],
    [2016, 22_400],
  ],
  leisure_and_hospitality: [
    [2006, 12_950],
    [2008, 13_530],
    [2010, 12_980],
    [2016, 15_400],
  ],
  other_services: [
    [2006, 5_420],
    [2008, 5_520],
    [2010, 5_320],
    [2016, 5_650],
  ],
  government: [
    [2006, 21_850],
    [2008.5, 22_500],
    [2010.3, 22_600],
    [2013, 21_850],
    [2016, 22_100],
  ],
};

const employmentMonths = monthsFrom(2006, 1, 120);

/** For each month, how many people work in each industry. */
const makeEmployed = (chance: Chance): ReadonlyMap<string, readonly number[]> =>
  new Map(
    Object.keys(industries).map((name) => {
      const wander = createWander(chance, 0.0012, 0.15);
      return [
        name,
        employmentMonths.map(
          (month) =>
            Math.round(along(employed[name] ?? [], yearOf(month)) * Math.exp(wander())) * 1_000,
        ),
      ];
    }),
  );

/**
 * Of each industry: its unemployment rate in good times and at the end, how much winters add, and
 * thousands of people in it.
 */
const unemployment: readonly (readonly [
  industry: string,
  usual: number,
  worst: number,
  winter: number,
  people: number,
])[] = [
  ["Agriculture", 8, 18, 5, 1_500],
  ["Business services", 5, 11, 0.8, 13_000],
  ["Construction", 6.5, 24, 5, 9_000],
  ["Education and Health", 2.8, 5.6, 0.3, 18_000],
  ["Finance", 2.6, 6.6, 0.2, 9_000],
  ["Government", 2.2, 4.2, 0.2, 20_000],
  ["Information", 4.8, 10, 0.3, 3_300],
  ["Leisure and hospitality", 7.4, 13, 1.4, 11_500],
  ["Manufacturing", 4.6, 12.8, 0.5, 16_500],
  ["Mining and Extraction", 4, 10, 1, 600],
  ["Other", 4.4, 9, 0.5, 6_000],
  ["Self-employed", 2.6, 6, 0.6, 9_500],
  ["Transportation and Utilities", 4.2, 10.5, 0.8, 5_600],
  ["Wholesale and Retail Trade", 5, 10.2, 0.7, 19_500],
];

export const makeEmployment = (chance: Chance): Row[] => {
  const byIndustry = makeEmployed(chance);
  const sum = (index: number, names: readonly string[] = [...byIndustry.keys()]): number =>
    names.reduce((total, name) => total + (byIndustry.get(name)?.[index] ?? 0), 0);
  return employmentMonths.map((month, index): Row => {
    const [all, government, goods] = [
      sum(index),
      sum(index, ["government"]),
      sum(index, ["mining_and_logging", "construction", "manufacturing"]),
    ];
    return [
      toDate(month),
      all,
      all - government,
      government,
      goods,
      all - goods,
      index === 0 ? 250_000 : all - sum(index - 1),
    ];
  });
};

export const makeEmploymentByIndustry = (chance: Chance): Row[] => {
  const byIndustry = makeEmployed(chance);
  return employmentMonths.flatMap((month, index) =>
    Object.entries(industries).map(([name, industry]): Row => {
      const now = byIndustry.get(name)?.[index] ?? 0;
      const before = byIndustry.get(name)?.[index - 12];
      return [
        toDate(month),
        industry,
        now,
        before === undefined ? null : now - before,
        before === undefined ? null : percentChange(now, before),
      ];
    }),
  );
};

export const makeUnemployment = (chance: Chance): Row[] =>
  unemployment.flatMap(([industry, usual, worst, winter, people]) => {
    const wander = createWander(chance, 0.03, 0.2);
    const course = [
      [2000, usual * 0.8],
      [2003.4, usual * 1.35],
      [2007, usual],
      [2008, usual * 1.05],
      [2010.2, worst],
    ] as const;
    return monthsFrom(2000, 1, 122).map((month): Row => {
      const season = winter * Math.cos(((new Date(month).getUTCMonth() - 0.5) / 6) * Math.PI);
      const rate = round(
        Math.max(0.6, along(course, yearOf(month)) * Math.exp(wander()) + season),
        1,
      );
      return [toDate(month), industry, Math.round((people * rate) / 100) * 1_000, rate];
    });
  });
