import type { ReactNode } from "react";
import classes from "./chart-legend.module.css";
import { colourOf, dashOf, textureOf } from "./palette.ts";

/**
 * The fills of surfaces, for one chart: `url(#<id>-0)` and so on. They are drawn over each other's
 * edges with the panel's own colour.
 */
export const Textures = ({
  id,
  count,
}: {
  readonly id: string;
  readonly count: number;
}): ReactNode => (
  <svg width="0" height="0" className={classes.textures} aria-hidden="true" data-textures="">
    <defs>
      {Array.from({ length: count }, (_, index) => (
        <pattern
          key={index}
          id={`${id}-${index}`}
          width="8"
          height="8"
          patternUnits="userSpaceOnUse"
        >
          <rect width="8" height="8" fill={colourOf(index)} />
          <Texture name={textureOf(index)} />
        </pattern>
      ))}
    </defs>
  </svg>
);

const Texture = ({ name }: { readonly name: ReturnType<typeof textureOf> }): ReactNode => {
  const line = { className: classes.ink ?? "", fill: "none", strokeWidth: 1.4 };
  switch (name) {
    case "plain":
      return null;
    case "rising":
      return <path {...line} d="M-2 2l4-4M0 8l8-8M6 10l4-4" />;
    case "falling":
      return <path {...line} d="M-2 6l4 4M0 0l8 8M6-2l4 4" />;
    case "dots":
      return <path {...line} strokeWidth={2.2} strokeLinecap="round" d="M2 2h.01M6 6h.01" />;
    case "grid":
      return <path {...line} strokeWidth={1} d="M0 4h8M4 0v8" />;
    case "level":
      return <path {...line} d="M0 2h8M0 6h8" />;
    case "upright":
      return <path {...line} d="M2 0v8M6 0v8" />;
    case "sparse":
      return <path {...line} strokeWidth={2} strokeLinecap="round" d="M4 4h.01" />;
  }
};

export const Swatch = ({
  index,
  shape,
  textures,
}: {
  readonly index: number;
  readonly shape: "line" | "surface";
  readonly textures: string;
}): ReactNode => (
  <svg
    className={classes.swatch}
    width={shape === "line" ? 22 : 14}
    height="14"
    aria-hidden="true"
    focusable="false"
  >
    {shape === "line" ? (
      <line
        x1="1"
        x2="21"
        y1="7"
        y2="7"
        stroke={colourOf(index)}
        strokeWidth="2.5"
        strokeDasharray={dashOf(index)}
      />
    ) : (
      <rect width="14" height="14" rx="3" fill={`url(#${textures}-${index})`} />
    )}
  </svg>
);

/**
 * The names of the series, each a button that takes its series away and brings it back. One always
 * stays: an empty chart shows nothing to compare.
 */
export function Legend({
  entries,
  hidden,
  shape,
  textures,
  listed = false,
  onToggle,
  onEmphasise,
}: {
  readonly entries: readonly { readonly label: string; readonly facts?: ReactNode }[];
  readonly hidden: ReadonlySet<number>;
  readonly shape: "line" | "surface";
  readonly textures: string;
  /** One below the other, with what there is to say about each. */
  readonly listed?: boolean;
  readonly onToggle: (index: number) => void;
  readonly onEmphasise: (index: number | null) => void;
}): ReactNode {
  const isLast = entries.length - hidden.size === 1;
  return (
    <ul className={classes.legend} data-listed={listed} data-legend="">
      {entries.map(({ label, facts }, index) => {
        const shown = !hidden.has(index);
        const locked = shown && isLast;
        return (
          <li key={index}>
            <button
              type="button"
              className={classes.entry}
              aria-pressed={shown}
              aria-disabled={locked || undefined}
              title={
                locked
                  ? "The last one that is shown stays"
                  : shown
                    ? `Hide ${label}`
                    : `Show ${label}`
              }
              onClick={() => !locked && onToggle(index)}
              onPointerEnter={() => shown && onEmphasise(index)}
              onPointerLeave={() => onEmphasise(null)}
              onFocus={() => shown && onEmphasise(index)}
              onBlur={() => onEmphasise(null)}
            >
              <Swatch index={index} shape={shape} textures={textures} />
              <span className={classes.name}>{label}</span>
              {facts}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
