import type { PageRange } from "../../panels/answered-range.ts";
import type { PanelView } from "../../panels/panel-view.ts";
import type { ChosenRange } from "../../panels/time-range.ts";

/** What every panel has to know about the section it is in. */
export interface SectionInView {
  readonly slug: string;
  readonly title: string;
  readonly range: ChosenRange;
  readonly page: PageRange;
  /** Puts into the address how a panel is looked at. */
  readonly show: (panelId: string, view: PanelView) => void;
}
