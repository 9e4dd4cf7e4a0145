import type { PageRange } from "./answered-range.ts";
import type { PanelView } from "./panel-view.ts";
import type { ChosenRange } from "./time-range.ts";

/** What every panel has to know about the section it is in. */
export interface SectionInView {
  readonly slug: string;
  readonly title: string;
  readonly range: ChosenRange;
  readonly page: PageRange;
  /** Puts into the address how a panel is looked at. */
  readonly show: (panelId: string, view: PanelView) => void;
}
