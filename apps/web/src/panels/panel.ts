import type { Contract, ResponseBody } from "@sallyport/shared/client";

/** A panel as the API shows it, in its section or as a preview. */
export type PanelWithData = ResponseBody<Contract["GET /sections/:slug"]>["panels"][number];
export type DataPanel = Extract<PanelWithData, { followsRange: boolean }>;
export type PanelRows = NonNullable<DataPanel["data"]>;
