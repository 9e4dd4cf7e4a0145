import { distanceClasses, lateMinutes, weekdays } from "../../sample/sample.ts";
import type { Chance } from "../random.ts";
import { type Row, day } from "./courses.ts";

/** How busy each hour of the day is. */
const traffic = [
  2, 1, 0.5, 0.3, 0.4, 3, 9, 10, 10, 9, 9, 9, 9, 9, 9, 9, 9, 10, 9, 8, 6, 4, 2.5, 1.5,
].map((weight, hour) => ({ hour, weight }));

const hourName = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

/** Delays add up over the day: from one in twelve in the early morning to one in three at night. */
const delayAt = (chance: Chance, hour: number, more = 0): number => {
  const sinceMorning = ((hour + 19) % 24) / 19;
  const isLate = chance.next() < 0.08 + 0.26 * Math.min(1, sinceMorning) + more;
  return isLate
    ? Math.round(16 - Math.log(1 - chance.next()) * (26 + 22 * sinceMorning))
    : Math.round(-4 + chance.normal() * 7.5 + sinceMorning * 4);
};

const isLate = (delay: number): number => (delay > lateMinutes ? 1 : 0);

const airports = (
  [
    ["Chicago (ORD)", 9, 41.98, -87.9],
    ["Dallas-Fort Worth (DFW)", 8.6, 32.9, -97.04],
    ["Atlanta (ATL)", 7.8, 33.64, -84.43],
    ["Los Angeles (LAX)", 6.2, 33.94, -118.41],
    ["Phoenix (PHX)", 5.4, 33.43, -112.01],
    ["St Louis (STL)", 4.8, 38.75, -90.37],
    ["Detroit (DTW)", 4.4, 42.21, -83.35],
    ["Minneapolis (MSP)", 4.2, 44.88, -93.22],
    ["Las Vegas (LAS)", 4, 36.08, -115.15],
    ["Denver (DEN)", 3.9, 39.86, -104.67],
    ["San Francisco (SFO)", 3.6, 37.62, -122.37],
    ["Newark (EWR)", 3.2, 40.69, -74.17],
    ["Houston (IAH)", 3.1, 29.98, -95.34],
    ["Seattle (SEA)", 2.8, 47.45, -122.31],
    ["Boston (BOS)", 2.5, 42.36, -71.01],
    ["New York (LGA)", 2.4, 40.78, -73.87],
    ["Orlando (MCO)", 2.2, 28.43, -81.32],
    ["San Diego (SAN)", 1.8, 32.73, -117.19],
    ["Portland (PDX)", 1.5, 45.59, -122.6],
    ["Austin (AUS)", 1.2, 30.19, -97.67],
  ] as const
).map(([name, weight, latitude, longitude]) => ({ name, weight, latitude, longitude }));

const milesBetween = (one: (typeof airports)[number], other: (typeof airports)[number]): number => {
  const [a, b] = [one.latitude, other.latitude].map((degrees) => (degrees / 180) * Math.PI) as [
    number,
    number,
  ];
  const angle = Math.acos(
    Math.min(
      1,
      Math.sin(a) * Math.sin(b) +
        Math.cos(a) * Math.cos(b) * Math.cos(((one.longitude - other.longitude) / 180) * Math.PI),
    ),
  );
  return Math.round(angle * 3_959);
};

/** How much later flights are on each day of the week, Sunday first. */
const lateByWeekday = [0.02, 0.02, 0.01, 0.02, 0.05, 0.06, -0.07];

export const makeFlights = (chance: Chance): Row[] =>
  Array.from({ length: 5_000 }, (): Row => {
    const { hour } = chance.pickWeighted(traffic);
    const distance = Math.max(60, Math.round(Math.exp(6.3 + chance.normal() * 0.72)));
    const delay = delayAt(chance, hour, distance > 1_500 ? 0.03 : 0);
    return [
      hourName(hour),
      delay,
      isLate(delay),
      distance,
      distanceClasses.find(([below]) => distance < below)?.[1] ?? null,
    ];
  });

export const makeFlightsByAirport = (chance: Chance): Row[] => {
  const found: { readonly at: number; readonly row: Row }[] = [];
  for (let date = Date.UTC(2001, 0, 1); date < Date.UTC(2001, 3, 1); date += day) {
    const on = new Date(date).getUTCDay();
    const storm = on !== 6 && chance.next() < 0.08 ? 0.2 : 0;
    const count = Math.round((on === 6 ? 40 : on === 0 ? 46 : 51) + chance.normal() * 2);
    for (let flight = 0; flight < count; flight += 1) {
      const origin = chance.pickWeighted(airports);
      const destination = chance.pickWeighted(airports.filter(({ name }) => name !== origin.name));
      const { hour } = chance.pickWeighted(traffic);
      const at = date + hour * 3_600_000 + chance.between(0, 59) * 60_000;
      const delay = delayAt(chance, hour, (lateByWeekday[on] ?? 0) + storm);
      found.push({
        at,
        row: [
          at,
          weekdays[on] ?? null,
          on === 0 ? 7 : on,
          origin.name,
          destination.name,
          delay,
          isLate(delay),
          milesBetween(origin, destination),
        ],
      });
    }
  }
  return found.sort((one, other) => one.at - other.at).map(({ row }) => row);
};
