import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { type ReportInput, renderReport } from "../../src/report/index.ts";
import { quadraticRun, sample } from "./sample.ts";
import { checkDrawing, xmlElements } from "./well-formed.ts";

const parse = (page: string): Document => parseHTML(page).document;

const hostile = '<script>alert("x")</script><img src=x onerror=alert(1)> & \u0000\ud800';

const bare: ReportInput = { title: "bare", conclusion: "Nothing to do.", summary: [], curvature: [] };

describe("renderReport", () => {
  it("shows every part that it is given, charts in a wide and a narrow drawing", () => {
    const document = parse(renderReport(sample));
    const headings = [...document.querySelectorAll("h1, h2, h3")].map((heading) => heading.textContent);
    expect(headings).toEqual([
      "breast-cancer.csv, benign, logistic",
      "Curvature",
      "What makes it steep",
      "Learning rate",
      "What it does to each mode",
      "The speed limit put to the test",
      "Run",
      "Largest weights",
    ]);
    const figures = [...document.querySelectorAll("figure")];
    expect(figures).toHaveLength(6);
    for (const figure of figures) {
      expect(figure.querySelectorAll(".wide > svg, .narrow > svg")).toHaveLength(2);
      expect(figure.querySelector("figcaption")!.textContent!.length).toBeGreaterThan(20);
    }
  });

  it("leaves out what it is not given", () => {
    const document = parse(renderReport(bare));
    expect(document.querySelectorAll("section, figure, table")).toHaveLength(0);
    expect(document.querySelector(".conclusion")!.textContent).toBe("Nothing to do.");
  });

  it("is well-formed throughout, and each drawing in it is complete", () => {
    const page = renderReport(sample);
    const body = page.slice(page.indexOf("<body>"), page.indexOf("</html>"));
    expect(xmlElements(body).length).toBeGreaterThan(100);
    for (const [svg] of page.matchAll(/<svg.*?<\/svg>/gs)) checkDrawing(svg);
  });

  it("typesets numbers and the subscripts of λmax", () => {
    const page = renderReport(sample);
    expect(page).toContain("1.67\u00a0×\u00a010<sup>6</sup>");
    expect(page).toContain("from 1.2\u00a0×\u00a010<sup>−6</sup> to 0.15.");
    expect(page).toContain("<dt>λ<sub>max</sub></dt>");
    expect(page).toContain('<td class="number">−1.23</td>');
  });

  it("needs nothing from outside: no scripts, no links, no address but the namespace of SVG", () => {
    const page = renderReport(sample);
    const document = parse(page);
    expect(document.querySelectorAll("script, link, img, iframe, [href], [src]")).toHaveLength(0);
    expect(new Set(page.match(/\w+:\/\/[^"\s]*/g))).toEqual(new Set(["http://www.w3.org/2000/svg"]));
    expect(page).not.toMatch(/url\(|@import/);
    expect(document.querySelector("meta[http-equiv]")!.getAttribute("content")).toBe(
      "default-src 'none'; style-src 'unsafe-inline'",
    );
  });

  it("shows texts as they are, whatever markup they hold", () => {
    const page = renderReport({
      title: hostile,
      conclusion: hostile,
      summary: [{ label: hostile, value: hostile, note: hostile }],
      curvature: [{ ...sample.curvature[0], where: hostile }],
      topMode: [{ column: hostile, share: 1 }],
      run: { ...sample.run!, rule: hostile },
      tables: [{ title: hostile, columns: [hostile], rows: [[hostile]] }],
    });
    const document = parse(page);
    expect(document.querySelectorAll("script, img, [onerror]")).toHaveLength(0);
    expect(page).not.toContain("<script");
    expect(page).not.toContain("\u0000");
    const shown = hostile.replace("\u0000\ud800", "\ufffd\ufffd");
    for (const selector of ["title", "h1", ".conclusion", "dt", ".value", ".note", "th.number", "tbody td"]) {
      const texts = [...document.querySelectorAll(selector)].map((element) => element.textContent);
      expect(texts, selector).toContain(shown);
    }
    const body = page.slice(page.indexOf("<body>"), page.indexOf("</html>"));
    expect(() => xmlElements(body.replaceAll(/<img [^>]*>/g, ""))).not.toThrow();
  });

  it("says in words where a divergent run stops being finite", () => {
    const run = quadraticRun(-3, 800);
    const end = Array.from(run.values).findIndex((value) => !Number.isFinite(value));
    const document = parse(renderReport({ ...bare, run }));
    expect(document.querySelector("figcaption")!.textContent).toContain(
      `From step ${end} on it is not finite`,
    );
  });

  it("stays below 100 kB for a run of 100,000 steps", () => {
    const page = renderReport({ ...bare, run: quadraticRun(-0.99999, 100_000) });
    expect(page.length).toBeLessThan(100_000);
  });

  it("gives the same page for the same input", () => {
    expect(renderReport(sample)).toBe(renderReport(sample));
  });

  it("refuses a run whose arrays differ in length", () => {
    expect(() => renderReport({ ...bare, run: { ...sample.run!, values: [1] } })).toThrow(
      "renderReport: values must hold 500 entries, one per step, got an array of 1",
    );
  });
});
