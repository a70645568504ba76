// What a careful programmer would write in plain JavaScript for a sweep of gradient descent on x²/2 − x³/3 over many
// rates: lane by lane, or several lanes interleaved, so that one does not have to wait for its own last result.
// Arithmetic is f64: V8 has no other. A step is written as descent, x − η(x − x²), or multiplied out, x(1 − η + ηx), which
// takes an operation less and can be done for this map alone.

const steps = {
  descent: (k) => `x${k} -= r${k} * (x${k} - x${k} * x${k});`,
  expanded: (k) => `x${k} *= p${k} + r${k} * x${k};`,
};

/**
 * A sweep of `width` lanes at a time: (rates, start, burnIn, keep, values) writes a row of `keep` points a lane. The text
 * of the loop is put together here; what is run is what stands in it. The number of rates is a multiple of the width.
 */
export function plainSweep(width, form) {
  const lanes = Array.from({ length: width }, (_, k) => k);
  const each = (text) => lanes.map(text).join(" ");
  return new Function(
    ...["rates", "start", "burnIn", "keep", "values"],
    `for (let i = 0; i < rates.length; i += ${width}) {
      ${each((k) => `const r${k} = rates[i + ${k}], p${k} = 1 - r${k}; let x${k} = start;`)}
      for (let s = 0; s < burnIn; s++) { ${each(steps[form])} }
      for (let s = 0; s < keep; s++) {
        ${each(steps[form])}
        ${each((k) => `values[(i + ${k}) * keep + s] = x${k};`)}
      }
    }`,
  );
}
