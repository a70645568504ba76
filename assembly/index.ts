// The numeric core: a table of contents.
export { firstFreeByte } from "./memory";
export { atan2, cbrt, cos, exp, log, log1p, pow, sin, tanh } from "./scalar";
export { cosPiInto, sinPiInto } from "./circular";
export { cbrtInto, expInto, log1pInto, logInto } from "./math";

export { addNormals } from "./random/normal";
export { philox } from "./random/philox";
export { randomSigns } from "./random/signs";
export { drawStreams, setStreamKey } from "./random/streams";

export {
  absoluteSum, distance, dot, dotOfDifference, dotOfDifferences, maxAbs, norm, sum,
} from "./vector/reduce";
export { axpy, combine, multiply, scale } from "./vector/combine";
export { gatherReals, gatherRows, gatherWords } from "./vector/gather";
export { addTransposed, foldInto, matrixTimesVector } from "./vector/matrix";
export { averageRuns } from "./vector/runs";
export { scaledSquares, weightedSum } from "./vector/stages";

export { gradientDescent, gradientDescentScaled } from "./rules/gradient-descent";
export { adagrad, adagradRooted } from "./rules/adagrad";
export { lookAhead, momentum, momentumDecayed, nesterov } from "./rules/momentum";
export { qhadam, qhm } from "./rules/quasi-hyperbolic";
export { aggmo } from "./rules/aggmo";
export { asgd } from "./rules/asgd";
export { signDescent, signum } from "./rules/sign-descent";
export { rprop } from "./rules/rprop";
export {
  rmsprop, rmspropCentered, rmspropCenteredGeneral, rmspropCenteredMomentum,
  rmspropCenteredMomentumGeneral, rmspropGeneral, rmspropMomentum, rmspropMomentumGeneral,
} from "./rules/rmsprop";
export {
  adam, adamDecayed, adamGeneral, amsgrad, amsgradDecayed, amsgradGeneral,
} from "./rules/adam";
export { nadam, nadamDecayed } from "./rules/nadam";
export { adabelief } from "./rules/adabelief";
export { yogi } from "./rules/yogi";
export { adan } from "./rules/adan";
export { laprop } from "./rules/laprop";
export { adopt } from "./rules/adopt";
export { ademamix } from "./rules/ademamix";
export { adadelta } from "./rules/adadelta";
export { adamax } from "./rules/adamax";
export { lion } from "./rules/lion";
export { ftrl, ftrlPowered, ftrlSparse, ftrlSparsePowered } from "./rules/ftrl";
export { madgrad } from "./rules/madgrad";
export { cocob } from "./rules/cocob";
export { sophia, sophiaDelayed } from "./rules/sophia";
export { adaHessian, adaHessianPowered } from "./rules/ada-hessian";
export { lambStep, lambUpdate } from "./rules/lamb";
export { normedMomentum, normedNesterov } from "./rules/normed-momentum";
export { fromage } from "./rules/fromage";
export { sm3, sm3Momentum } from "./rules/sm3";
export {
  adafactor, adafactorClamped, adafactorClampedMomentum, adafactorMomentum,
} from "./rules/adafactor";
export { muon } from "./rules/muon";
export { shampoo, shampooMomentum } from "./rules/shampoo";
export { soap } from "./rules/soap";
export { secantDescent } from "./rules/secant";
export { dAdaptAdam, dAdaptSgd } from "./rules/d-adaptation";
export { prodigy } from "./rules/prodigy";
export { momoAdamAverage, momoAverage, momoStep } from "./rules/momo";
export { hypergradientAdam, hypergradientNesterov } from "./rules/hypergradient";
export { scheduleFreeAdamw, scheduleFreeSgd } from "./rules/schedule-free";
export { fistaLead, fistaProject, fistaProjectBack } from "./rules/fista";

export { keepDescending } from "./wrappers/cautious";
export { clamp } from "./wrappers/clamp";
export { rebase, rescale } from "./wrappers/mechanic";
export { centralizeRows, clipRows, projectRowsOntoSimplex } from "./wrappers/rows";

export { gram, matrixProduct, matrixProductTransposed } from "./linear-algebra/product";
export { symmetricEigen } from "./linear-algebra/symmetric-eigen";

export { conjugateStep } from "./curvature/conjugate";
export { divide, orthogonalize } from "./curvature/krylov";
export { tridiagonalEigen } from "./curvature/tridiagonal";

export { balance } from "./linear-algebra/balance";
export { toHessenberg } from "./linear-algebra/hessenberg";
export { hessenbergEigen } from "./linear-algebra/francis";
export { eigenvalueCondition } from "./linear-algebra/inverse-iteration";

export {
  gramProduct, leastSquares, leastSquaresSquares, logisticRegression, logisticSquares, logisticWeights,
} from "./objectives/linear";
export {
  softmaxOuterProduct, softmaxProbabilities, softmaxProduct, softmaxRegression, softmaxResiduals,
} from "./objectives/softmax";
export { quadratic, quadraticProduct } from "./objectives/quadratic";
export {
  factorGradient, factorHessianProduct, factorProduct, factorVariation,
} from "./objectives/factors";

export { lyapunovInto, sweep, sweepInto } from "./dynamics/sweep";
export { blur } from "./imaging/blur";
export { firstPassages, stepsOnTheRight } from "./dynamics/valley-runs";
