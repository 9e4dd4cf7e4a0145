import {
  IconBriefcase,
  IconBuilding,
  IconCalendar,
  IconCash,
  IconChartBar,
  IconChartLine,
  IconChartPie,
  IconCoin,
  IconDatabase,
  IconDoorEnter,
  IconGauge,
  IconHeart,
  IconHome,
  IconLayoutDashboard,
  IconMap,
  IconPlane,
  IconReportMoney,
  IconSettings,
  IconShield,
  IconShoppingCart,
  IconSpeakerphone,
  IconTable,
  IconTool,
  IconTruck,
  IconUsers,
  IconWorld,
  type Icon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";

// A section may name any of Tabler's five thousand icons; these travel with the page, the others
// show as a dashboard.
const icons: Readonly<Record<string, Icon>> = {
  briefcase: IconBriefcase,
  building: IconBuilding,
  calendar: IconCalendar,
  cash: IconCash,
  "chart-bar": IconChartBar,
  "chart-line": IconChartLine,
  "chart-pie": IconChartPie,
  coin: IconCoin,
  database: IconDatabase,
  "door-enter": IconDoorEnter,
  gauge: IconGauge,
  heart: IconHeart,
  home: IconHome,
  map: IconMap,
  plane: IconPlane,
  "report-money": IconReportMoney,
  settings: IconSettings,
  shield: IconShield,
  "shopping-cart": IconShoppingCart,
  speakerphone: IconSpeakerphone,
  table: IconTable,
  tool: IconTool,
  truck: IconTruck,
  users: IconUsers,
  world: IconWorld,
};

/** Those that are shown as themselves. */
export const sectionIconNames: readonly string[] = [...Object.keys(icons), "layout-dashboard"];

export const SectionIcon = ({ name }: { readonly name: string }): ReactNode => {
  const Shown = icons[name] ?? IconLayoutDashboard;
  return <Shown size={18} stroke={1.75} aria-hidden="true" />;
};
