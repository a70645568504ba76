// What the package exports of the objectives.

export {
  cosineLandscape,
  cubicValley,
  factorization,
  polynomialLandscape,
} from "./declared-landscapes.ts";
export type { FactoredObjective, FactorShape } from "./factored.ts";
export type { DataOptions, Features } from "./features.ts";
export type { Label, Labels } from "./labels.ts";
export {
  beale,
  doubleWell,
  type Landscape,
  type Point as LandscapePoint,
  plateauBasin,
  rosenbrock,
  saddle,
  type Target as LandscapeTarget,
} from "./landscapes.ts";
export { leastSquares } from "./least-squares.ts";
export { type ClassificationObjective, logisticRegression } from "./logistic.ts";
export { type MatrixCompletion, matrixCompletion } from "./matrix-completion.ts";
export { type MatrixSensing, matrixSensing } from "./matrix-sensing.ts";
export type { FisherKind, Objective } from "./objective.ts";
export { quadratic } from "./quadratic.ts";
export type { PolynomialSlope, ProductSlope, SineSlope, Slope } from "./slope.ts";
export { type SoftmaxOptions, softmaxRegression } from "./softmax.ts";
export type { SymmetricMatrix } from "./symmetric-matrix.ts";
export { type TwoValleys, type TwoValleysOptions, twoValleys, type Valley } from "./two-valleys.ts";
export type { UserProblem } from "./user.ts";
export { type VectorFieldOptions, vectorField } from "./vector-field.ts";
