/**
 * Small optimizers in the middle of their runs, of different rules, wrappers, groups and precisions, with their state files.
 *
 * @param thalweg - the library
 */
export function fuzzTargets(thalweg) {
  const { adam, adamw, chain, clipByGlobalNorm, cosine, createOptimizer, ema, sgd, signDescent } = thalweg;
  const blocks = { w: { shape: [2, 2], values: [1, -2, 3, -4] }, "b/__proto__": [0.5, 1e30, -0] };
  const groups = [
    { blocks: "w", rule: signDescent(), scale: 0.5 },
    { blocks: "b*", frozen: true },
  ];
  const rate = cosine({ from: 0.1, steps: 100 });
  const optimizers = [
    createOptimizer(sgd({ learningRate: rate, momentum: 0.9 }), [1, 2, 3]),
    createOptimizer(adam(), blocks),
    createOptimizer(adam(), blocks, { precision: "f32" }),
    createOptimizer(chain(clipByGlobalNorm(), adamw({ learningRate: rate }), ema({ decay: 0.5 })), blocks),
    createOptimizer(sgd(), blocks, { groups }),
  ];
  return optimizers.map((optimizer, k) => {
    const { gradient } = optimizer;
    for (let t = 0; t <= k; t++) {
      for (const values of ArrayBuffer.isView(gradient) ? [gradient] : Object.values(gradient)) {
        values.forEach((_, i) => {
          values[i] = (i + 1) / (t + 1);
        });
      }
      optimizer.step();
    }
    const extra = { epoch: k, sampler: { seed: 1, position: -0 }, note: "é\u2028" };
    return { optimizer, extra, file: optimizer.save({ extra }) };
  });
}
