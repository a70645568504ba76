// The numeric core: a table of contents.
export { firstFreeByte } from "./memory";
export { cos, exp, log, log1p, pow } from "./scalar";

export { philox } from "./random/philox";

export { dot, maxAbs, norm, sum } from "./vector/reduce";
export { axpy, combine, multiply, scale } from "./vector/combine";
export { addTransposed, foldInto, matrixTimesVector } from "./vector/matrix";

export { adam, amsgrad } from "./rules/adam";
