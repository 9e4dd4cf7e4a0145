import { useClient } from "@sallyport/shared/react";
import {
  IconChartBar,
  IconDots,
  IconFileSpreadsheet,
  IconPhoto,
  IconTable,
} from "@tabler/icons-react";
import { useState, type ReactNode, type RefObject } from "react";
import { fetchCode } from "../../ui/late-code.ts";
import { Popover, PopoverItem } from "../../ui/popover.tsx";
import { labelOfAnswered } from "../../panels/answered-range.ts";
import type { SectionInView } from "./section-in-view.ts";
import classes from "./panel-menu.module.css";
import type { DataPanel, PanelRows } from "../../panels/panel.ts";

/** What can be done with a panel besides looking at it. */
export function PanelMenu({
  section,
  panel,
  sort,
  card,
  data,
  asTable,
  onAsTable,
  onFailure,
}: {
  readonly section: SectionInView;
  readonly panel: DataPanel;
  readonly sort: string | null;
  readonly card: RefObject<HTMLElement | null>;
  /** What the panel shows just now. */
  readonly data: PanelRows | undefined;
  readonly asTable: boolean;
  readonly onAsTable: (asTable: boolean) => void;
  readonly onFailure: (failure: string | null) => void;
}): ReactNode {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>, what: string): Promise<void> => {
    setBusy(true);
    onFailure(null);
    try {
      await work();
    } catch {
      onFailure(`${what} could not be made. Try again.`);
    } finally {
      setBusy(false);
    }
  };
  const saveRows = async (): Promise<void> => {
    const { downloadCsv } = await fetchCode(() => import("./download.ts"));
    await downloadCsv(client, section, panel, sort);
  };
  const drawPicture = async (): Promise<void> => {
    const { downloadPicture } = await fetchCode(
      () => import("../../panels/charts/chart-picture.ts"),
    );
    if (card.current)
      await downloadPicture(
        card.current,
        section.title,
        panel.title,
        panel.followsRange && data ? labelOfAnswered(data) : "",
      );
  };
  const icon = { size: 18, stroke: 1.75, "aria-hidden": true } as const;
  return (
    <Popover
      label={`Actions: ${panel.title}`}
      button={<IconDots size={18} aria-hidden="true" />}
      buttonLabel={`Actions: ${panel.title}`}
      buttonClassName={classes.button}
    >
      {panel.kind === "chart" && (
        <PopoverItem
          icon={asTable ? <IconChartBar {...icon} /> : <IconTable {...icon} />}
          onClick={() => onAsTable(!asTable)}
        >
          {asTable ? "View as chart" : "View as table"}
        </PopoverItem>
      )}
      <PopoverItem
        icon={<IconFileSpreadsheet {...icon} />}
        disabled={busy}
        onClick={() => void attempt(saveRows, "The CSV file")}
      >
        Download CSV
      </PopoverItem>
      {panel.kind === "chart" && !asTable && (
        <PopoverItem
          icon={<IconPhoto {...icon} />}
          disabled={busy}
          onClick={() => void attempt(drawPicture, "The picture")}
        >
          Download PNG
        </PopoverItem>
      )}
    </Popover>
  );
}
