// What the pictures of the documentation are drawn with: panels side by side, lines, areas of pixels.
import * as Plot from "@observablehq/plot";
import { type Axis, linearAxis, logAxis } from "../../src/report/axes.ts";
import { arrange, defaultWidth, draw, label, textWidth } from "../../src/report/chart.ts";
import { colour } from "../../src/report/palette.ts";

export { density, painted, picture, pixels } from "../../src/report/pixels.ts";
export { colour, label, Plot };

/** Colours of series, in the order in which they are given; they stay apart for every kind of colour blindness. */
export const hues = [
  colour.accent,
  colour.alarm,
  colour.still,
  colour.edge,
  "#7a4fa3",
  colour.muted,
  "#3a9ad9",
  "#8c2f5d",
] as const;

/** An axis: what it measures, the stretch that is shown, and whether it is logarithmic. */
export interface AxisInput {
  readonly name: string;
  readonly domain: readonly [low: number, high: number];
  readonly log?: boolean;
  /** About how many ticks; default 6. */
  readonly ticks?: number;
}

/** One chart of a picture. */
export interface Panel {
  /** Stands above the panel. */
  readonly title?: string;
  readonly x: AxisInput;
  readonly y: AxisInput;
  readonly marks: readonly Plot.Markish[];
  /** Names of the series by their colours, told above the panel. */
  readonly legend?: readonly (readonly [name: string, colour: string])[];
}

/** A small chart among many of its kind: no axes, its floor and its ceiling as thin lines. */
export interface SmallPanel {
  readonly title: string;
  /** Stands under the title. */
  readonly note?: string;
  /** The stretches that are shown. */
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
  readonly marks: readonly Plot.Markish[];
}

/** A picture: panels in rows of `columns`. */
export interface Figure {
  readonly title: string;
  /** In words, what can be seen: for people who hear it. */
  readonly description: string;
  readonly panels: readonly (Panel | SmallPanel)[];
  readonly columns?: number;
  /** Height of a panel; default 300. */
  readonly height?: number;
}

const axisOf = (side: "x" | "y", { name, domain: [low, high], log, ticks = 6 }: AxisInput): Axis =>
  log ? logAxis(side, low, high, { name, ticks }) : linearAxis(side, low, high, { name, ticks });

/** Names of series in their colours, from the left, in a line above the frame. */
function legendMarks(entries: NonNullable<Panel["legend"]>, dy: number): Plot.Markish[] {
  let at = 0;
  return entries.map(([name, fill]) => {
    const mark = Plot.text([name], {
      frameAnchor: "top-left",
      lineAnchor: "bottom",
      fill,
      fontWeight: 600,
      dx: at,
      dy,
    });
    at += textWidth(name) + 14;
    return mark;
  });
}

/** The axis at the left of a panel; its name stands above the frame. */
const leftAxis = ({ y }: Panel): Axis => axisOf("y", { ...y, name: "" });

/** The room that the widest labels of some panels need: frames that stand above one another begin at the same place. */
const roomOf = (panels: readonly (Panel | SmallPanel)[]): number =>
  Math.max(...panels.map((panel) => (isSmall(panel) ? 0 : leftAxis(panel).room)));

/** Draws a panel whose frame begins `room` from the left. */
function drawPanel(panel: Panel, figure: Figure, width: number, height: number, room: number): string {
  const x = axisOf("x", panel.x);
  const y = leftAxis(panel);
  const heading = panel.title ? 22 : 0;
  const legend = panel.legend?.length ? 20 : 0;
  const title = Plot.text(panel.title ? [panel.title] : [], {
    frameAnchor: "top-left",
    lineAnchor: "bottom",
    fontWeight: 650,
    dy: -30 - legend,
  });
  // Above the frame, where it meets neither the title nor the names of the series.
  const name = Plot.text([panel.y.name], {
    frameAnchor: "top-left",
    lineAnchor: "bottom",
    fill: colour.muted,
    dx: -room,
    dy: -10,
  });
  return draw({
    title: panel.title ?? figure.title,
    description: figure.description,
    width,
    height,
    margins: { top: 34 + heading + legend, right: x.overhang + 4, bottom: 44, left: room + 6 },
    x: x.scale,
    y: y.scale,
    marks: [y.grid, y.labels, x.labels, title, name, ...legendMarks(panel.legend ?? [], -28), ...panel.marks],
  });
}

function drawSmall({ title, note, x, y, marks }: SmallPanel, width: number, height: number): string {
  const [low, high] = y;
  // Room for the width of a line along the floor or the ceiling.
  const air = 0.02 * (high - low);
  const heading = { frameAnchor: "top-left", lineAnchor: "bottom" } as const;
  return draw({
    title,
    description: note ?? title,
    width,
    height,
    margins: { top: 40, right: 14, bottom: 10, left: 8 },
    x: { domain: [...x], axis: null },
    y: { domain: [low - air, high + air], axis: null },
    marks: [
      Plot.ruleY(y, { stroke: colour.rule }),
      Plot.text([title], { ...heading, fontWeight: 650, dy: note ? -21 : -8 }),
      Plot.text(note ? [note] : [], { ...heading, fill: colour.muted, fontSize: 10.5, dy: -7 }),
      ...marks,
    ],
  });
}

const isSmall = (panel: Panel | SmallPanel): panel is SmallPanel => Array.isArray(panel.x);

/** The same picture, its clip paths and markers numbered from 1: the plotting library counts them over all pictures of a run. */
function renumbered(svg: string): string {
  const numbers = new Map<string, number>();
  const counts = { clip: 0, marker: 0 };
  return svg.replace(/plot-(clip|marker)-\d+/g, (name, kind: keyof typeof counts) => {
    const number = numbers.get(name) ?? ++counts[kind];
    numbers.set(name, number);
    return `${kind}-${number}`;
  });
}

/** Draws a figure as a complete SVG document. */
export const drawFigure = (figure: Figure): string => renumbered(assemble(figure));

function assemble(figure: Figure): string {
  const { panels, columns = 1, height = 300 } = figure;
  const width = defaultWidth / columns;
  const drawn = panels.map((panel, i) => {
    const column = panels.filter((_, j) => j % columns === i % columns);
    return isSmall(panel)
      ? drawSmall(panel, width, height)
      : drawPanel(panel, figure, width, height, roomOf(column));
  });
  return drawn.length === 1 ? drawn[0] : arrange(drawn, columns, { ...figure, width, height });
}

/** Contour lines of a function over the whole frame, at the given levels. */
export const contours = (
  f: (x: number, y: number) => number,
  { x, y }: Pick<Panel, "x" | "y">,
  levels: readonly number[],
): Plot.Markish =>
  Plot.contour({
    fill: f,
    x1: x.domain[0],
    x2: x.domain[1],
    y1: y.domain[0],
    y2: y.domain[1],
    thresholds: [...levels],
    stroke: colour.rule,
    strokeWidth: 1.25,
    fillOpacity: 0,
    pixelSize: 2,
  } as Plot.ContourOptions);

/** A line through points; what is not finite interrupts it. */
export const line = (
  points: readonly (readonly [x: number, y: number])[],
  stroke: string,
  options: Plot.LineOptions = {},
): Plot.Markish =>
  Plot.line(points as [number, number][], { stroke, strokeWidth: 1.75, clip: true, ...options });

/** Steps held until the next point, as a line. */
export const stairs = (
  points: readonly (readonly [x: number, y: number])[],
  stroke: string,
  options: Plot.LineOptions = {},
): Plot.Markish => line(points, stroke, { curve: "step-after", ...options });

/** A stem from the floor for each point. */
export const stems = (
  points: readonly (readonly [x: number, y: number])[],
  stroke: string,
  options: Plot.RuleXOptions = {},
): Plot.Markish =>
  Plot.ruleX(points as [number, number][], {
    x: (point: [number, number]) => point[0],
    y1: 0,
    y2: (point: [number, number]) => point[1],
    stroke,
    strokeWidth: 1.5,
    ...options,
  });
