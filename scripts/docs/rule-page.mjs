// A page a rule, from its declaration and its docstring.
import { cost, familyOf, limit, memory } from "./rule-facts.mjs";

const cell = (text) => text.replaceAll("|", "\\|");

const preset = (value) => (value === Infinity ? "∞" : String(value));

/** What is said of an option besides its domain and default, which have columns of their own; its symbol first. */
const meaning = (text) =>
  text
    .replace(/[,;]? ?\bdefault [^\s,;:]+/, "")
    .replace(/^(\S{1,3} )?(?:in [[(][^\])]*[\])]|[≥>] [01]|a whole number ≥ \d)/, "$1")
    .replace(/^([^\s,;:]{0,3})\s*[,;:] ?/, (_, symbol) => (symbol ? `${symbol}: ` : ""))
    .trim();

function optionsTable(declaration, told) {
  const rows = Object.entries(declaration.options).map(([name, option]) => {
    const domain = option.kind === "flag" ? "true or false" : option.domain;
    const schedule = option.kind === "flag" || option.constant ? "" : "; may be a schedule";
    return `| \`${name}\` | ${preset(option.default)} | ${domain}${option.automatic ? ', or "auto"' : ""}${schedule} | ${cell(meaning(told[name] ?? ""))} |`;
  });
  return ["| option | default | domain | |", "|---|---|---|---|", ...rows].join("\n");
}

/** The recurrence, where the text does not begin with it. */
const recurrence = (formula, body) =>
  body.startsWith(formula.slice(0, 12)) ? "" : `\n\`\`\`text\n${formula}\n\`\`\`\n`;

/** The page of a rule. */
export function rulePage(make, docstring) {
  const rule = make();
  const { name, formula, use } = rule.declaration;
  const { summary, body, options, example, source } = docstring;
  return `<!-- Made by npm run docs from the rule's declaration and docstring. -->

# ${name}

${summary}
${recurrence(formula, body)}
${body}

Use it if ${use}.

| | |
|---|---|
| family | ${familyOf(rule)} |
| memory | ${memory(make)} |
| cost | ${cost(rule)} |
| stability | ${limit(make)} |

${optionsTable(rule.declaration, options)}

\`\`\`ts
${example}
\`\`\`

${source}

[All rules](README.md)
`;
}
