// Would the O-rings hold in the cold? Fits distress against temperature on the launches before Challenger's, by natural
// gradient descent, with standard errors, and tells what the fit says of 31 °F, far from where there are data.
import { readFileSync } from "node:fs";
import { curvature, fisher, logisticRegression, naturalDescent, standardErrors } from "thalweg";
import { parseCsv } from "thalweg/data";
import { formatNumber as text } from "thalweg/report";

const csv = readFileSync(new URL("data/o-ring-23.csv", import.meta.url), "utf8");
const data = parseCsv(csv, { target: "distress", task: "classification" });
const model = logisticRegression(data.features, data.targets, { columns: 1, intercept: true });

console.log(`O-rings: ${data.rows} launches, distress against temperature\n`);
const { lambdaMax, conditionNumber } = curvature(fisher(model));
console.log(`Fisher information at the start: λmax ${text(lambdaMax)}, κ ${text(conditionNumber)}`);
console.log(
  `  so gradient descent may take steps of 1/λmax = ${text(1 / lambdaMax)}, and needs some κ of them\n`,
);

console.log("step  deviance    slope      intercept");
const fit = naturalDescent(model, {
  callback({ index, value, x: [slope, intercept] }) {
    const deviance = 2 * data.rows * value;
    console.log(
      `${String(index).padStart(4)}  ${deviance.toFixed(6)}  ${slope.toFixed(6).padStart(9)}  ${intercept.toFixed(6)}`,
    );
  },
});
console.log(`${fit.message}\n`);

const errors = standardErrors(model, { at: fit.x });
["slope", "intercept"].forEach((name, i) => {
  const ratio = fit.x[i] / errors[i];
  console.log(
    `${name.padEnd(10)} ${fit.x[i].toFixed(4).padStart(8)} ± ${errors[i].toFixed(4)}   z = ${ratio.toFixed(2)}`,
  );
});

const [slope, intercept] = fit.x;
const chance = (temperature) => 1 / (1 + Math.exp(-(slope * temperature + intercept)));
console.log("\nThe chance of distress that the fit tells");
for (const temperature of [80, 65, 53, 31]) {
  console.log(`  at ${temperature} °F: ${(100 * chance(temperature)).toFixed(1)}%`);
}
