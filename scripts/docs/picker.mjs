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
    ["gradientDescent", "heavyBall", "nesterov"],
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
    "no learning rate, full gradients",
    ["adgd", "barzilaiBorwein"],
    "they read the curvature off the steps they take",
  ],
  [
    "no learning rate, and the least value is known",
    ["polyakStep", "sps"],
    "the step follows from the value",
  ],
  [
    "no learning rate, a network",
    ["prodigy", "scheduleFreeAdamw", "dog"],
    "they estimate how far the answer is; `mechanic` does it for any rule",
  ],
  ["no wish for a schedule", ["scheduleFreeAdamw", "scheduleFreeSgd"], "the average stands in for the decay"],
  [
    "sparse gradients: embeddings, bags of words",
    ["adagrad", "ftrl"],
    "rare coordinates keep large rates; ftrl gives exact zeros",
  ],
  ["matrices of weights", ["muon", "soap", "shampoo"], "they precondition rows and columns together"],
  ["very large batches", ["lamb", "lars"], "each layer's step is held to its weights' size"],
  ["little memory", ["adafactor", "sm3", "lion", "signum"], "a number a row and column, or one a parameter"],
  [
    "products with the Hessian",
    ["sophia", "adaHessian"],
    "the curvature's diagonal in place of squared gradients",
  ],
  [
    "rare large gradients that Adam forgets",
    ["amsgrad", "adopt", "yogi"],
    "a second moment that does not shrink, or shrinks slowly",
  ],
  ["signs that can be trusted more than sizes", ["rprop", "signDescent"], "full batches only"],
];
