// Every link between the documents leads somewhere, and every picture is shown on paper of its own.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
  readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
);

/** The text of a page without what stands in fences, and without code between backticks. */
const proseOf = (page: string): string =>
  readFileSync(join(root, page), "utf8")
    .replace(/^```[\s\S]*?^```$/gm, "")
    .replace(/`[^`\n]*`/g, "");

/** What links to a heading end in, by GitHub's rule. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const text = readFileSync(join(root, page), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  for (const [, heading] of text.matchAll(/^#+ (.*)$/gm)) {
    const slug = heading
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let i = 1; anchors.has(anchor); i++) anchor = `${slug}-${i}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Where the links of a page lead that are to files of this project. */
const linksOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to).filter((to) => !/^[a-z]+:/.test(to));

/** Why a link leads nowhere; undefined where it leads somewhere. */
function broken(page: string, link: string): string | undefined {
  const [path, anchor] = link.split("#");
  const target = path === "" ? page : relative(root, resolve(root, dirname(page), path));
  if (target.startsWith("..")) return "it leaves the project";
  if (!existsSync(join(root, target))) return "there is no such file";
  if (anchor === undefined) return undefined;
  return anchorsOf(target).has(anchor) ? undefined : "there is no such heading";
}

test.each(pages)("every link of %s leads somewhere", (page) => {
  const wrong = linksOf(page).flatMap((link) => {
    const why = broken(page, link);
    return why === undefined ? [] : [`${link}: ${why}`];
  });
  expect(wrong).toEqual([]);
});

test("a link that leads nowhere is noticed", () => {
  expect(broken("docs/guide.md", "nowhere.md")).toBe("there is no such file");
  expect(broken("docs/guide.md", "schedules.md#nothing")).toBe("there is no such heading");
  expect(broken("docs/guide.md", "../../elsewhere.md")).toBe("it leaves the project");
  expect(broken("docs/descending.md", "schedules.md#one-that-watches")).toBeUndefined();
  expect(broken("docs/guide.md", "#descent-going-down")).toBeUndefined();
  expect(pages.flatMap(linksOf).length).toBeGreaterThan(200);
});

const figures = readdirSync(join(root, "docs/figures")).map((name) => join("docs/figures", name));

test.each(figures)(
  "%s stands in a page, with words for those who do not see it, on white paper",
  (figure) => {
    const shown = pages.flatMap((page) =>
      [...proseOf(page).matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)]
        .filter(([, , to]) => join(dirname(page), to) === figure)
        .map(([, words]) => words),
    );
    expect(shown.length).toBeGreaterThan(0);
    for (const words of shown) expect(words).not.toBe("");
    const svg = readFileSync(join(root, figure), "utf8");
    const [drawing] = /^<svg [^>]*>/.exec(svg) ?? [""];
    const sideOf = (element: string, name: string) => new RegExp(` ${name}="([^"]+)"`).exec(element)?.[1];
    const [paper] = /<rect [^>]*>/.exec(svg) ?? [""];
    expect(paper).toMatch(/fill="#f{3,6}"/);
    for (const side of ["width", "height"]) {
      expect(["100%", sideOf(drawing, side)]).toContain(sideOf(paper, side));
    }
  },
);
