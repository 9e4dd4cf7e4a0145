/**
 * A chart as a picture: what the page shows of it, on its own background, with its title and its
 * legend.
 */
import { fileNameOf } from "../csv.ts";
import { saveFile } from "../../ui/save-file.ts";

const scale = 2;
const margin = 20;
const lineHeight = 22;
const titleSize = 17;
const titleWeight = 650;
const textSize = 13;
const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

const svgElement = <K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): SVGElementTagNameMap[K] => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
};

/**
 * What decides how a shape looks. The picture is a document of its own: no stylesheet of the page
 * reaches it.
 */
const properties = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-size",
  "font-weight",
  "text-anchor",
  "visibility",
];

/** A copy with its looks as attributes, which need no permission from a policy, unlike styles. */
const copyWithLooks = (original: SVGElement): SVGElement => {
  const copy = original.cloneNode(true) as SVGElement;
  const originals = [original, ...original.querySelectorAll<SVGElement>("*")];
  for (const [index, element] of [copy, ...copy.querySelectorAll<SVGElement>("*")].entries()) {
    const source = originals[index];
    if (!source) continue;
    const looks = getComputedStyle(source);
    for (const property of properties) {
      // A reference to a fill reads `url("#…")`; within the picture it means the picture's own.
      const value = looks.getPropertyValue(property);
      if (value !== "") element.setAttribute(property, value.replaceAll('"', ""));
    }
    element.removeAttribute("class");
    element.removeAttribute("style");
    element.removeAttribute("tabindex");
    element.removeAttribute("role");
  }
  return copy;
};

const measure = (text: string, size: number, weight = 400): number => {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return text.length * size * 0.56;
  pen.font = `${weight} ${size}px ${fontFamily}`;
  return pen.measureText(text).width;
};

/** Words in lines that fit. */
const wrap = (text: string, width: number, size: number, weight: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && measure(`${last} ${word}`, size, weight) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** The picture as an SVG document, and its size in CSS pixels. */
const composePicture = (
  panel: HTMLElement,
  title: string,
  subtitle: string,
): { readonly svg: SVGSVGElement; readonly width: number; readonly height: number } | null => {
  const drawing = panel.querySelector<SVGSVGElement>("[data-chart] svg[data-drawing]");
  if (!drawing) return null;
  const looks = getComputedStyle(panel);
  const { width: chartWidth, height: chartHeight } = drawing.getBoundingClientRect();
  const width = Math.max(chartWidth, 360);
  const text = { fill: looks.color, "font-family": fontFamily };
  const svg = svgElement("svg", { xmlns: "http://www.w3.org/2000/svg", "font-family": fontFamily });
  let top = margin;

  for (const line of wrap(title, width, titleSize, titleWeight)) {
    top += titleSize;
    svg.append(
      svgElement(
        "text",
        { ...text, x: margin, y: top, "font-size": titleSize, "font-weight": titleWeight },
        line,
      ),
    );
    top += 6;
  }
  if (subtitle !== "") {
    top += textSize;
    svg.append(
      svgElement(
        "text",
        { ...text, x: margin, y: top, "font-size": textSize, opacity: 0.75 },
        subtitle,
      ),
    );
    top += 6;
  }
  top += 6;

  let left = margin;
  for (const entry of panel.querySelectorAll<HTMLElement>(
    "[data-legend] button[aria-pressed=true]",
  )) {
    const swatch = entry.querySelector("svg");
    // What stands beside the name, such as a value, belongs to it.
    const label = [...entry.querySelectorAll("span")]
      .filter((span) => span.childElementCount === 0)
      .map((span) => span.textContent)
      .join("  ");
    if (!swatch) continue;
    const swatchWidth = Number(swatch.getAttribute("width"));
    const entryWidth = swatchWidth + 6 + measure(label, textSize) + 16;
    if (left > margin && left + entryWidth > width + margin) {
      left = margin;
      top += lineHeight;
    }
    const copy = copyWithLooks(swatch);
    copy.setAttribute("x", String(left));
    copy.setAttribute("y", String(top + 2));
    svg.append(
      copy,
      svgElement(
        "text",
        { ...text, x: left + swatchWidth + 6, y: top + textSize, "font-size": textSize },
        label,
      ),
    );
    left += entryWidth;
  }
  if (left > margin) top += lineHeight + 4;

  const chart = copyWithLooks(drawing);
  chart.setAttribute("x", String(margin + (width - chartWidth) / 2));
  chart.setAttribute("y", String(top));
  chart.setAttribute("width", String(chartWidth));
  chart.setAttribute("height", String(chartHeight));
  svg.append(chart);
  for (const textures of panel.querySelectorAll<SVGElement>("[data-textures]"))
    svg.prepend(copyWithLooks(textures));
  const height = top + chartHeight + margin;
  svg.prepend(
    svgElement("rect", { width: width + 2 * margin, height, fill: looks.backgroundColor }),
  );
  svg.setAttribute("width", String(width + 2 * margin));
  svg.setAttribute("height", String(height));
  return { svg, width: width + 2 * margin, height };
};

/**
 * Draws the panel's chart at twice its size and gives it to the browser as a PNG file.
 * @throws where the browser cannot draw it
 */
export const downloadPicture = async (
  panel: HTMLElement,
  sectionTitle: string,
  title: string,
  subtitle: string,
): Promise<void> => {
  const picture = composePicture(panel, title, subtitle);
  if (!picture) throw new Error("There is no chart to draw.");
  const image = new Image();
  // The page's policy allows pictures from data: and nowhere else but the site itself.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(picture.svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(picture.width * scale);
  canvas.height = Math.ceil(picture.height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("The browser made no picture of the chart.");
  saveFile(fileNameOf([sectionTitle, title], "png", new Date()), blob);
};
