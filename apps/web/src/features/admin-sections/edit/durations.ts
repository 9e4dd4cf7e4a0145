/** Lengths of time as ISO 8601 has them, of one component: `P30D`, `PT6H`. Pure. */

export const durationUnits = {
  TM: ["minute", "minutes"],
  TH: ["hour", "hours"],
  D: ["day", "days"],
  W: ["week", "weeks"],
  M: ["month", "months"],
  Y: ["year", "years"],
} as const;
export type DurationUnit = keyof typeof durationUnits;

export interface Duration {
  readonly count: number;
  readonly unit: DurationUnit;
}

export const readDuration = (text: string | undefined): Duration | null => {
  const found = /^P(T?)([1-9]\d{0,3})([YMWDH])$/.exec(text ?? "");
  const unit = `${found?.[1] ?? ""}${found?.[3] ?? ""}`;
  return found && Object.hasOwn(durationUnits, unit)
    ? { count: Number(found[2]), unit: unit as DurationUnit }
    : null;
};

export const writeDuration = ({ count, unit }: Duration): string =>
  unit.startsWith("T") ? `PT${count}${unit.slice(1)}` : `P${count}${unit}`;
