/**
 * Every colour of a report, on light and on dark paper. Charts carry the light ones as attributes, so that a
 * saved SVG is complete by itself; the page's style sheet overrides them where dark is preferred. The blues
 * and the orange stay apart for every kind of colour blindness (they differ in lightness, too).
 */
export const palette = {
  paper: ["#ffffff", "#15181c"],
  ink: ["#1c2126", "#e7eaee"],
  muted: ["#5a636d", "#a7b0ba"],
  rule: ["#d9dde2", "#363d46"],
  accent: ["#0a5fa5", "#63b0ee"],
  calm: ["#2e7cb0", "#4f9bd0"],
  still: ["#12806a", "#4cc4a8"],
  edge: ["#a87400", "#dca93a"],
  alarm: ["#bf4410", "#f28a55"],
} as const satisfies Record<string, readonly [light: `#${string}`, dark: `#${string}`]>;

/** The colours as charts use them. */
export const colour = Object.fromEntries(
  Object.entries(palette).map(([name, [light]]) => [name, light]),
) as Record<keyof typeof palette, string>;
