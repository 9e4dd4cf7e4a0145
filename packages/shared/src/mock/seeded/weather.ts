import { fullMonths } from "../../sample/sample.ts";
import type { Chance } from "../random.ts";
import { type Row, createWander, day, round, toDate } from "./courses.ts";

/** From -1 in January to 1 in July. */
const seasonOf = (at: number): number =>
  -Math.cos(((at - Date.UTC(new Date(at).getUTCFullYear(), 0, 15)) / (365.25 * day)) * 2 * Math.PI);

export const makeWeather = (chance: Chance): Row[] => {
  const wander = createWander(chance, 1.9, 0.3);
  let wet = true;
  return Array.from({ length: 1_461 }, (_, index): Row => {
    const at = Date.UTC(2012, 0, 1) + index * day;
    const season = seasonOf(at);
    // Rain brings rain, more so in winter.
    wet = chance.next() < (wet ? 0.68 : 0.24) - season * 0.2;
    const usual = 12 + season * 7.8 + wander();
    const high = round(usual + (wet ? 2 : 5.5) + season * 2, 1);
    const low = round(usual - 3.5 - (wet ? 0 : 1.2), 1);
    const rain = wet ? round(-Math.log(1 - chance.next()) * (8 - season * 3) + 0.3, 1) : 0;
    const weather = wet
      ? low < -2
        ? "snow"
        : "rain"
      : chance.next() < 0.14 - season * 0.05
        ? "fog"
        : chance.next() < 0.06
          ? "drizzle"
          : "sun";
    return [
      toDate(at),
      rain,
      high,
      low,
      round(Math.abs(2.6 + chance.normal() * 1.1 + (wet ? 0.9 : 0)) + 0.4, 1),
      weather,
    ];
  });
};

export const makeWeatherNormals = (chance: Chance): Row[] =>
  fullMonths.flatMap((month, index) =>
    [5, 15, 25].flatMap((on) =>
      Array.from({ length: 24 }, (_, hour): Row => {
        const season = seasonOf(Date.UTC(2010, index, on));
        const warmth = -Math.cos(((hour - 4) / 24) * 2 * Math.PI);
        return [
          month,
          index + 1,
          `${String(hour).padStart(2, "0")}:00`,
          round(11.3 + season * 7 + warmth * (2.2 + season * 1.9) + chance.normal() * 0.15, 1),
          round(3.4 - season * 0.5 + warmth * 0.5, 1),
        ];
      }),
    ),
  );
