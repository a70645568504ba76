import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { colour } from "./palette.ts";

/** A drawing: its name and its caption (for people who hear it), its size, and what is on it. */
interface Drawing {
  title: string;
  description: string;
  width: number;
  height: number;
  margins: { top: number; right: number; bottom: number; left: number };
  x: Plot.ScaleOptions;
  y: Plot.ScaleOptions;
  marks: Plot.Markish[];
}

export const defaultWidth = 760;

/** From this width on, labels have the room to stand on one line. */
export const wide = 520;
const fontSize = 12;
const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** Text that XML can hold: without control characters and halves of surrogate pairs. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML forbids
  text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");

/** About how wide a text is drawn, erring on the wide side. */
export function textWidth(text: string): number {
  let ems = 0;
  for (const char of text) ems += char > "\u2e80" ? 1 : 0.62;
  return ems * fontSize;
}

/** The text, shortened to about `width` with an ellipsis. */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const chars = [...text];
  while (chars.length > 1 && textWidth(chars.join("") + "…") > width) chars.pop();
  return chars.join("").trimEnd() + "…";
}

/** Options of a text mark that is to stay readable on top of lines. */
export const label = (fill: string = colour.ink): Plot.TextOptions => ({
  fill,
  stroke: colour.paper,
  strokeWidth: 4,
  strokeLinejoin: "round",
});

/** Sets the subscripts of λmax and λmin as such. */
function setSubscripts(document: Document, element: Element): void {
  for (const node of [...element.querySelectorAll("text, tspan")]) {
    const text = node.textContent ?? "";
    if (node.children.length > 0 || !/λ(max|min)/.test(text)) continue;
    node.textContent = "";
    let lowered = false;
    for (const part of text.split(/(?<=λ)(max|min)/)) {
      const isSubscript = part === "max" || part === "min";
      const span = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
      span.textContent = part;
      if (isSubscript) {
        span.setAttribute("font-size", "9");
        span.setAttribute("dy", "2.5");
      } else if (lowered) span.setAttribute("dy", "-2.5");
      lowered = isSubscript;
      node.append(span);
    }
  }
}

/** Drops what only a page's scripts would use, and digits below a hundredth of a unit. */
function tidy(svg: Element): void {
  svg.querySelector("style")?.remove();
  for (const element of [svg, ...svg.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (/^(aria-.*|class)$/.test(name)) element.removeAttribute(name);
      else if (/\.\d{3}/.test(value)) {
        element.setAttribute(
          name,
          value.replace(/-?\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2)))),
        );
      }
    }
  }
}

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Charts of one size as one drawing, in rows of `columns`. */
export function arrange(
  charts: readonly string[],
  columns: number,
  { title, description, width, height }: Pick<Drawing, "title" | "description" | "width" | "height">,
): string {
  const placed = charts.map((svg, i) => {
    const place = `x="${(i % columns) * width}" y="${Math.floor(i / columns) * height}"`;
    return svg.replace("<svg ", `<svg ${place} `);
  });
  const [across, down] = [columns * width, Math.ceil(charts.length / columns) * height];
  const size = `width="${across}" height="${down}" viewBox="0 0 ${across} ${down}"`;
  const about = `<title>${escape(title)}</title><desc>${escape(printable(description))}</desc>`;
  const paper = `<rect width="100%" height="100%" fill="${colour.paper}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" ${size}>${about}${paper}${placed.join("")}</svg>`;
}

/** Draws a chart as a complete SVG document: colours, fonts and a paper of its own, nothing from outside. */
export function draw({ title, description, width, height, margins, x, y, marks }: Drawing): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = Plot.plot({
    document,
    width,
    height,
    marginTop: margins.top,
    marginRight: margins.right,
    marginBottom: margins.bottom,
    marginLeft: margins.left,
    x,
    y,
    marks,
  }) as SVGSVGElement;
  tidy(svg);
  setSubscripts(document, svg);
  const about = (name: string, text: string) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    element.textContent = text;
    return element;
  };
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width, height, fill: colour.paper })) {
    paper.setAttribute(name, String(value));
  }
  svg.prepend(about("title", title), about("desc", printable(description)), paper);
  for (const [name, value] of Object.entries({
    xmlns: "http://www.w3.org/2000/svg",
    role: "img",
    "aria-label": title,
    "font-family": fontFamily,
    "font-size": String(fontSize),
    fill: colour.ink,
  })) {
    svg.setAttribute(name, value);
  }
  return svg.outerHTML;
}
