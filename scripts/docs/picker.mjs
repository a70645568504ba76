// Which rule to begin with: the rows of the picker table.

/** What somebody has, the rules that are for it (the first to begin with), and why. */
export const picks = [
  [
    "a convex problem of the library and no wish to choose",
    [],
    "`minimize` without a rule chooses one from the curvature and says why",
  ],
  [
    "a smooth problem whose λmax you know or can measure",
    ["gradientDescent"],
    'their limits are exact: take half of it, or `learningRate: "auto"`',
  ],
  [
    "a network, little time to tune",
    ["adamw", "adam"],
    "steps of the size of the rate whatever the gradient's scale",
  ],
  [
    "a network and time to tune for what it generalises to",
    ["sgd"],
    "momentum 0.9 and a falling rate; one slot",
  ],
  [
    "sparse gradients: embeddings, bags of words",
    ["adagrad"],
    "rare coordinates keep large rates; ftrl gives exact zeros",
  ],
  ["little memory", ["lion"], "a number a row and column, or one a parameter"],
  [
    "rare large gradients that Adam forgets",
    ["amsgrad"],
    "a second moment that does not shrink, or shrinks slowly",
  ],
  ["signs that can be trusted more than sizes", ["signDescent"], "full batches only"],
];
