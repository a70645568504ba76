// The table of schedules in docs/schedules.md, from the registry.

/** A parameter with its default, or with what it may be. */
function parameterText(name, parameter) {
  switch (parameter.kind) {
    case "number": {
      const { default: preset, optional } = parameter;
      if (typeof preset === "function") return `${name} as before it`;
      if (preset === undefined) return optional ? `${name} (may be left out)` : name;
      return `${name} ${preset}`;
    }
    case "flag":
      return `${name} ${parameter.default}`;
    case "word": {
      const others = parameter.words.filter((word) => word !== parameter.default);
      return `${name} ${parameter.default} (or ${others.join(", ")})`;
    }
    case "numbers":
      return `${name} […]`;
    case "schedules":
    case "parts":
      return `${name} [schedules]`;
    default:
      return `${name} (a schedule)`;
  }
}

/** Every schedule: what it is, its value at step t, its parameters, what others call it. */
export function schedulesTable(schedules, cell) {
  const rows = Object.values(schedules).map(({ name, summary, formula, parameters, elsewhere }) => {
    const all = Object.entries(parameters).map(([parameter, declared]) => parameterText(parameter, declared));
    return `| \`${name}\` | ${cell(summary)} | ${cell(formula)} | ${cell(all.join(", "))} | ${cell(elsewhere)} |`;
  });
  return [
    "| schedule | what it is | at step t | parameters | elsewhere |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
