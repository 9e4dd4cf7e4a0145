import { regions } from "../../sample/sample.ts";
import type { Chance } from "../random.ts";
import { type Row, createWander, round } from "./courses.ts";

/**
 * Of each country: its region, its population in millions, years of life and children per woman in
 * 1955, and all three in 2005.
 */
const countries: readonly (readonly [
  name: string,
  region: number,
  millions: number,
  years: number,
  children: number,
  laterMillions: number,
  laterYears: number,
  laterChildren: number,
])[] = [
  ["Afghanistan", 0, 8.9, 30, 7.7, 29.9, 44, 7.1],
  ["Argentina", 3, 18.9, 64, 3.1, 39.5, 75, 2.3],
  ["Aruba", 3, 0.1, 64, 5.2, 0.1, 74, 1.9],
  ["Australia", 4, 9.3, 70, 3.4, 20.1, 81, 1.8],
  ["Austria", 1, 6.9, 67, 2.5, 8.2, 80, 1.4],
  ["Bahamas", 3, 0.1, 62, 4.3, 0.3, 73, 2],
  ["Bangladesh", 0, 49.6, 39, 6.7, 144.3, 64, 2.8],
  ["Barbados", 3, 0.2, 63, 4.7, 0.3, 77, 1.5],
  ["Belgium", 1, 8.9, 69, 2.5, 10.4, 79, 1.7],
  ["Bolivia", 3, 3.1, 42, 6.8, 8.9, 66, 3.5],
  ["Brazil", 3, 61.8, 53, 6.2, 186, 72, 2.2],
  ["Canada", 3, 16, 70, 3.9, 32.3, 81, 1.5],
  ["Chile", 3, 6.7, 56, 5.5, 16.3, 79, 1.9],
  ["China", 4, 609, 51, 5.6, 1_303, 73, 1.7],
  ["Colombia", 3, 13.6, 55, 6.8, 43, 73, 2.5],
  ["Costa Rica", 3, 1.1, 60, 7.1, 4.1, 79, 2.1],
  ["Croatia", 1, 4, 65, 2.4, 4.5, 76, 1.4],
  ["Cuba", 3, 6.4, 62, 3.7, 11.3, 78, 1.5],
  ["Dominican Republic", 3, 2.7, 50, 7.6, 9.2, 72, 2.8],
  ["Ecuador", 3, 3.8, 51, 6.7, 13.4, 75, 2.6],
  ["Egypt", 5, 23.9, 44, 6.9, 77.2, 71, 2.9],
  ["El Salvador", 3, 2.2, 48, 6.8, 6.7, 72, 2.7],
  ["Finland", 1, 4.2, 67, 2.8, 5.2, 79, 1.8],
  ["France", 1, 43.4, 69, 2.7, 61, 81, 1.9],
  ["Georgia", 1, 3.8, 61, 2.9, 4.7, 71, 1.6],
  ["Germany", 1, 70.2, 69, 2.3, 82.5, 79, 1.4],
  ["Ghana", 2, 5.8, 44, 6.7, 21.8, 60, 4.3],
  ["Greece", 1, 8, 68, 2.3, 11.1, 79, 1.3],
  ["Grenada", 3, 0.1, 63, 6.7, 0.1, 69, 2.3],
  ["Haiti", 3, 3.5, 40, 6.3, 9.3, 61, 3.5],
  ["Hong Kong", 4, 2.5, 65, 4.7, 6.8, 82, 1],
  ["Iceland", 1, 0.2, 73, 4, 0.3, 82, 2.1],
  ["India", 0, 393, 40, 5.9, 1_080, 65, 2.8],
  ["Indonesia", 4, 86.8, 40, 5.7, 219, 71, 2.2],
  ["Iran", 5, 19.1, 45, 7, 70.3, 71, 2],
  ["Iraq", 5, 6.1, 45, 7.3, 26.1, 60, 4.9],
  ["Ireland", 1, 2.9, 69, 3.7, 4, 79, 2],
  ["Israel", 5, 1.8, 68, 3.9, 6.7, 81, 2.8],
  ["Italy", 1, 48.6, 68, 2.4, 58.1, 81, 1.4],
  ["Jamaica", 3, 1.6, 63, 5.1, 2.7, 72, 2.6],
  ["Japan", 4, 89, 65, 2.1, 127.5, 83, 1.3],
  ["Kenya", 2, 7, 45, 7.8, 33.8, 54, 5],
  ["Lebanon", 5, 1.6, 59, 5.7, 3.9, 72, 2.2],
  ["Mauritius", 2, 0.6, 58, 5.9, 1.2, 73, 1.9],
  ["Mexico", 3, 31.3, 55, 6.8, 106, 76, 2.2],
  ["Netherlands", 1, 10.7, 73, 3.1, 16.3, 80, 1.7],
  ["New Zealand", 4, 2.1, 70, 4, 4, 80, 2.1],
  ["Nigeria", 2, 39.4, 38, 6.9, 129, 47, 5.3],
  ["North Korea", 4, 8.8, 54, 3.8, 22.9, 67, 1.9],
  ["Norway", 1, 3.4, 73, 2.8, 4.6, 80, 1.9],
  ["Pakistan", 0, 44.4, 45, 6.6, 162, 65, 4],
  ["Peru", 3, 8.7, 46, 6.9, 27.9, 71, 2.5],
  ["Philippines", 4, 24.6, 51, 7.1, 87.9, 71, 3.2],
  ["Poland", 1, 27.2, 66, 3.3, 38.6, 75, 1.2],
  ["Rwanda", 2, 2.7, 41, 8, 9, 46, 5.9],
  ["South Africa", 2, 16.2, 48, 6.3, 44.4, 49, 2.6],
  ["South Korea", 4, 21.6, 52, 6.3, 48.3, 79, 1.2],
  ["Spain", 1, 29.1, 67, 2.8, 43, 81, 1.4],
  ["Switzerland", 1, 5, 71, 2.3, 7.4, 82, 1.4],
  ["Turkey", 1, 24.1, 48, 6.6, 73, 72, 2.1],
  ["United Kingdom", 1, 50.9, 70, 2.5, 60.4, 79, 1.8],
  ["United States", 3, 166, 70, 3.7, 296, 78, 2.1],
];

/** Years of life that were lost in catastrophes of which the section's words tell. */
const losses: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  China: { 1960: 22 },
  Rwanda: { 1990: 12, 1995: 24, 2000: 8 },
  "South Africa": { 1995: 3, 2000: 7, 2005: 5 },
};

const gapYears = Array.from({ length: 11 }, (_, index) => 1955 + index * 5);

export const makeGapminder = (chance: Chance): Row[] =>
  countries.flatMap(
    ([country, region, millions, years, children, laterMillions, laterYears, laterChildren]) => {
      const wander = createWander(chance, 0.3, 0.3);
      return gapYears.map((year): Row => {
        const part = (year - 1955) / 50;
        const lost = losses[country]?.[year] ?? 0;
        // Without its losses, a country that has lost at the end would have been further on.
        const usual = years + (laterYears + (losses[country]?.[2005] ?? 0) - years) * part ** 0.8;
        return [
          `${year}-01-01`,
          String(year),
          country,
          regions[region] ?? null,
          Math.round(
            millions * (laterMillions / millions) ** part * 1e6 * (1 + chance.normal() * 0.002),
          ),
          round(usual - lost + wander(), 1),
          round(
            Math.max(
              0.9,
              children + (laterChildren - children) * part ** 1.1 + chance.normal() * 0.05,
            ),
          ),
        ];
      });
    },
  );
