// Evaluations of models on data.
import {
  descend,
  gradientDescent,
  leastSquares,
  logisticRegression,
  powerIteration,
  softmaxRegression,
} from "thalweg";
import {
  plainDescent,
  plainLeastSquares,
  plainLogistic,
  plainPowerIteration,
  plainSoftmax,
} from "../plain-objectives.mjs";
import { EQUAL, labels, normals, PRECISIONS, side, storage } from "./kit.mjs";

/** Evaluations by `descend`, each with the step before it, which costs little beside it. */
function descentCase(name, { rows, columns, classes, declare, plain }) {
  const learningRate = 1e-3;
  return PRECISIONS.map((precision) => ({
    name: `${name} ${precision}`,
    precision,
    bar: EQUAL,
    prepare() {
      const features = normals(storage[precision], rows * columns, 1);
      const targets = labels(rows, classes, 2);
      const problem = declare(features, targets, { columns, l2: 0.01 });
      const start = normals(storage[precision], problem.dimension, 3);
      const descent = descend(problem, { rule: gradientDescent({ learningRate }), start, precision });
      const record = descent.next().value;
      const { valueAndGradient } = plain(features, targets, columns, 0.01);
      const x = start.slice();
      const { step, state } = plainDescent(valueAndGradient, x, learningRate);
      return {
        ours: side(
          () => void descent.next(),
          () => [record.value, record.gradientNorm, ...record.x],
        ),
        peers: { "plain loop": side(step, () => [state.value, state.gradientNorm, ...x]) },
      };
    },
  }));
}

/** Hessian–vector products by power iteration, which spends its time on them; 300 a run. */
function productCases() {
  const rows = 569;
  const columns = 31;
  const steps = 300;
  return PRECISIONS.map((precision) => ({
    name: `logistic-product ${precision}`,
    precision,
    bar: EQUAL,
    prepare() {
      const features = normals(storage[precision], rows * columns, 1);
      const targets = labels(rows, 2, 2);
      const at = normals(storage[precision], columns, 3);
      const problem = logisticRegression(features, targets, { columns, l2: 0.01 });
      const options = { at, precision, steps, tolerance: Number.MIN_VALUE, seed: 4 };
      const start = normals(storage[precision], columns, 4);
      const length = Math.hypot(...start);
      const peer = plainLogistic(features, targets, columns, 0.01);
      const plain = () => {
        peer.linearize(at);
        const vector = start.map((entry) => entry / length);
        return [plainPowerIteration(peer.product, vector, steps)];
      };
      return {
        ours: side(() => [powerIteration(problem, options).lambda]),
        peers: { "plain loop": side(plain) },
      };
    },
  }));
}

/** Least squares, logistic and softmax models at the sizes of real data sets, and their products. */
export const objectiveCases = () => [
  ...descentCase("least-squares", {
    rows: 569,
    columns: 31,
    classes: 2,
    declare: leastSquares,
    plain: plainLeastSquares,
  }),
  ...descentCase("logistic", {
    rows: 569,
    columns: 31,
    classes: 2,
    declare: logisticRegression,
    plain: plainLogistic,
  }),
  ...descentCase("softmax", {
    rows: 1797,
    columns: 65,
    classes: 10,
    declare: softmaxRegression,
    plain: plainSoftmax,
  }),
  ...productCases(),
];
