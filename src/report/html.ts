import { printable } from "./chart.ts";

/** Text that is HTML already, made by {@link html} or vouched for with {@link trusted}. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Lets a text through as it is: for SVG that a chart has drawn, and the page's own style sheet. */
export const trusted = (text: string): Markup => new Markup(text);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text with everything escaped that HTML or XML would read as markup. */
export const escape = (text: string): string => printable(text).replace(/[&<>"']/g, (char) => entities[char]);

const superscripts: Readonly<Record<string, string>> = Object.fromEntries(
  [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"].map((raised, i) => [raised, "−0123456789"[i]]),
);

/** Escapes a text and sets powers of ten and the subscripts of λmax and λmin with HTML's own means. */
export const typesetHtml = (text: string): Markup =>
  new Markup(
    escape(text)
      .replace(/λ(max|min)/g, "λ<sub>$1</sub>")
      .replace(
        /(?<=10)[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g,
        (run) => `<sup>${[...run].map((c) => superscripts[c]).join("")}</sup>`,
      ),
  );

/** What may stand in an {@link html} template: text is escaped, markup is kept, lists are joined. */
type Part = string | number | Markup | undefined | readonly Part[];

function write(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(write).join("");
  return escape(String(part));
}

/** A template of HTML whose parts are escaped unless they are markup. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Markup =>
  new Markup(strings.map((text, i) => text + (i < parts.length ? write(parts[i]) : "")).join(""));
