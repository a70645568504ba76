/** Every element of a strictly well-formed XML text, in order; throws where it is not well-formed. */
export function xmlElements(xml: string): { name: string; attributes: Record<string, string> }[] {
  const token = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/g;
  const open: string[] = [];
  const elements: { name: string; attributes: Record<string, string> }[] = [];
  for (const [, closing, name, attributes, empty, text, stray] of xml.matchAll(token)) {
    if (stray) throw new Error("a < that opens no tag");
    const written = text ?? attributes;
    if (/&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/.test(written))
      throw new Error(`a bare & in ${written}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML forbids
    if (/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u.test(written)) {
      throw new Error("a character that XML forbids");
    }
    if (text !== undefined) {
      if (open.length === 0 && text.trim()) throw new Error("text outside the root");
      continue;
    }
    if (closing) {
      const opened = open.pop();
      if (opened !== name) throw new Error(`</${name}> closes <${opened}>`);
      continue;
    }
    const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
    if (new Set(pairs.map(([key]) => key)).size < pairs.length)
      throw new Error(`<${name}> repeats an attribute`);
    elements.push({ name, attributes: Object.fromEntries(pairs) });
    if (!empty) open.push(name);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is never closed`);
  return elements;
}

/** What a drawing must be to stand alone: well-formed, named, sized, without scripts, links or bad numbers. */
export function checkDrawing(svg: string): void {
  const elements = xmlElements(svg);
  const [root, title, description] = elements;
  const wrong = (what: string) => {
    throw new Error(`${what}: ${svg.slice(0, 300)}`);
  };
  if (root.name !== "svg" || root.attributes.xmlns !== "http://www.w3.org/2000/svg") wrong("no svg root");
  if (!/^0 0 [\d.]+ [\d.]+$/.test(root.attributes.viewBox)) wrong("no viewBox");
  if (root.attributes.role !== "img" || !root.attributes["aria-label"])
    wrong("no name for those who hear it");
  if (title.name !== "title" || description.name !== "desc") wrong("no title and description");
  for (const { name, attributes } of elements) {
    if (/^(script|style|image|a|foreignObject|use)$/.test(name)) wrong(`<${name}> has no place in a drawing`);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on") || key.includes("href")) wrong(`attribute ${key}`);
      if (/NaN|Infinity|undefined|null/.test(value)) wrong(`${key}="${value}"`);
      if (key !== "xmlns" && /:\/\/|url\(/.test(value)) wrong(`a reference in ${key}`);
    }
  }
}

/** The texts that a drawing shows, in order, without its title and description. */
export const drawnTexts = (svg: string): string[] =>
  [...svg.matchAll(/<text\b[^>]*>(.*?)<\/text>/gs)].map(([, inner]) =>
    inner
      .replace(/<[^>]*>/g, "")
      .replaceAll("&#160;", "\u00a0")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&"),
  );
