import { ruleNames } from "../rules/index.ts";
import { schedules } from "../schedules/index.ts";
import { type CliOption, type CliOptionName, cliOptions } from "./options.ts";
import { wrap } from "./output.ts";

/** Width of the help: it is read in terminals of 80 columns. */
const WIDTH = 80;

/** Options, each with its help in a second column; some mean something else in a command. */
function optionLines(
  names: readonly CliOptionName[],
  own: Partial<Record<CliOptionName, string>> = {},
): string {
  const options = names.map((name) => {
    const { value, help }: CliOption = cliOptions[name];
    return { label: `  --${name}${value ? ` ${value}` : ""}`, help: own[name] ?? help };
  });
  const indent = Math.max(...options.map(({ label }) => label.length)) + 2;
  return options
    .map(({ label, help }) => {
      const lines = wrap(help, WIDTH - indent).split("\n");
      return label.padEnd(indent) + lines.join(`\n${" ".repeat(indent)}`);
    })
    .join("\n");
}

/** Schedules with the parameter that may be given without its name, in two columns. */
function scheduleLines(): string {
  const forms = Object.values(schedules).flatMap(({ name, summary, parameters, commandLine }) => {
    if (!commandLine) return [];
    const { word = name, main } = commandLine;
    const followed = Object.values(parameters).some(({ kind }) => kind === "schedule");
    return [{ label: `  ${word}:${main.toUpperCase()}${followed ? "+…" : ""}`, help: summary }];
  });
  const indent = Math.max(...forms.map(({ label }) => label.length)) + 2;
  return forms
    .map(({ label, help }) => {
      const lines = wrap(help, WIDTH - indent).split("\n");
      return label.padEnd(indent) + lines.join(`\n${" ".repeat(indent)}`);
    })
    .join("\n");
}

/** What thalweg says of itself. */
export const mainHelp = `thalweg: how large may the next step be? It answers that, and takes the step.

Usage
  thalweg inspect data.csv --target COLUMN --loss LOSS   the step that is safe
  thalweg fit data.csv --target COLUMN --loss LOSS       descend to the minimum
  thalweg sweep data.csv --target COLUMN --loss LOSS     what each rate would do
  thalweg predict model.json data.csv                    use what was fitted
  thalweg bifurcation [LANDSCAPE]                        where large steps lead
  thalweg deblur image.png --blur BLUR --save FILE       sharpen an image

Start here
  thalweg inspect data.csv --target y --loss least-squares

  Gradient descent multiplies the error along an eigenvector of the Hessian,
  with eigenvalue λ, by 1 − ηλ in each step: it diverges as soon as the learning
  rate η exceeds 2/λmax, the speed limit, and it crawls where λ is small.
  inspect measures both ends, names the columns that make the problem steep, and
  says what standardising them would do.

Losses
  least-squares   1/(2n) ‖Aw − y‖², for a target of numbers
  logistic        mean log(1 + exp(−s·a·w)), for a target of two classes
  softmax         mean cross-entropy, for a target of two or more classes
  each plus l2/2 ‖w‖²; a column of ones for the intercept is appended last

Data
  A CSV file with a header, separated by commas, semicolons or tabs. All columns
  but the target are features and must be numbers, without gaps; leave others
  out with --exclude. In place of a file, - is standard input.

Exit codes
  0  done
  1  something unexpected
  2  a mistake in the call or in a file
  3  the descent diverged

thalweg COMMAND --help tells the options of a command, thalweg --version the
version.`;

const inspectHelp = (
  options: readonly CliOptionName[],
) => `thalweg inspect data.csv --target COLUMN --loss LOSS [options]

Measures the Hessian's extreme eigenvalues and says how large a step may be, and
why.

Options
${optionLines(options)}

Read the answer
  speed limit       2/λmax. Gradient descent diverges above it.
  optimal step      2/(λmax + λmin), the fastest constant step.
  contraction rate  (κ−1)/(κ+1): what a step leaves of the slowest mode.
  predicted steps   at the optimal step, until 1e-6 of the error is left.
  An infinite condition number means that some combination of columns says
  nothing (a constant or a repeated column): the optimal step and the rate are
  then those of the rest.

Examples
  thalweg inspect data.csv --target y --loss least-squares
  thalweg inspect data.csv --target label --loss logistic --l2 0.001 \\
    --scale standard --at minimum
  thalweg inspect data.csv --target digit --loss softmax --scale divide:16

JSON has the names of the API: lambdaMax, lambdaMin, errorBounds,
conditionNumber, speedLimit, optimalStep, contractionRate, predictedSteps …;
∞ is the string "Infinity".`;

const fitHelp = (
  options: readonly CliOptionName[],
) => `thalweg fit data.csv --target COLUMN --loss LOSS [options]

Descends to the minimum and reports what happened against what the curvature
predicted. Features are standardised unless --scale says otherwise; x is in
those coordinates, coefficients in the data's own units.

Options
${optionLines(options)}

How the rule and its rate are chosen
  Without --rule and --learning-rate, both follow from the curvature, and the
  descent goes on until the gradient tells no more, for 1,000,000 steps at most.
  With --rule and without --learning-rate, the rate follows from the curvature;
  for rules that divide by what they measure (adam, rmsprop …) rates are tried
  for a few steps, and the best goes down along a cosine.
  With --learning-rate and without --rule, it is gradient descent.

Rules
${wrap(ruleNames.join(", "), WIDTH - 2).replace(/^/gm, "  ")}

Schedules (from the learning rate, over all steps unless said otherwise)
${scheduleLines()}
  Each alone, as in cosine; with the parameter above, as in exponential:0.999;
  or with any by name, as in step:every=100,factor=0.5. Lists stand with
  strokes: multiStep:3000/8000. What follows a + has the steps that are left:
  warmup:100+cosine. Plans take the curvature that inspect tells:
  chebyshev:64,lambdaMax=13.3,lambdaMin=0.05. Compositions (join, product) are
  given as JSON: {"schedule":"product","factors":[…]}.

Examples
  thalweg fit data.csv --target y --loss least-squares
  thalweg fit data.csv --target label --loss logistic --l2 0.01 \\
    --test-fraction 0.25 --save model.json --report report.html
  thalweg fit data.csv --target y --loss least-squares --rule adam \\
    --learning-rate 0.5 --schedule cosine
  thalweg fit data.csv --target y --loss least-squares --rule sgd \\
    --option momentum=0.9

JSON has the names of the API: value, gradientNorm, x, coefficients, converged,
reason, message, steps …; ∞ is the string "Infinity".`;

const sweepHelp = (
  options: readonly CliOptionName[],
) => `thalweg sweep data.csv --target COLUMN --loss LOSS [options]

Too small, just right, too large: descends from zero with each of many learning
rates, and says how many steps each takes, how much it swings and where it
diverges. Features are standardised unless --scale says otherwise.

Options
${optionLines(options)}

Read the answer
  steps    until the gradient's norm has shrunk to the tolerance
  swings   the share of steps in which the gradient along the steepest direction
           changed its sign, or the value rose
  value    where the run ended

Examples
  thalweg sweep data.csv --target y --loss least-squares
  thalweg sweep data.csv --target label --loss logistic --l2 0.01 \\
    --rule adam --from 0.001 --to 1 --report sweep.html

JSON has the names of the API: learningRates, stepsToTolerance, oscillation,
divergedAt, finalValues, outcomes, best …; ∞ is the string "Infinity".`;

const predictHelp = (options: readonly CliOptionName[]) => `thalweg predict model.json data.csv [options]

Applies a model that thalweg fit --save wrote. Columns are found by name; others
are ignored. Prints CSV: the prediction and, for classes, each class's
probability. Where the file has the target, the accuracy or R² goes to standard
error.

Options
${optionLines(options)}

Example
  thalweg predict model.json new.csv > predictions.csv`;

const bifurcationHelp = (options: readonly CliOptionName[]) => `thalweg bifurcation [LANDSCAPE] [options]

Iterates an optimiser on a function of one variable at hundreds of learning
rates and says where it ends: at a minimum, on a cycle, in chaos, or nowhere.
The rates at which the cycle doubles its period are located to the last digits.

Landscapes
  cubic-valley   x²/2 − x³/3, whose descent is the logistic map (default)
  double-well    x⁴/4 − x²/2
  waves          1 − cos x
  or, by --slope, any function whose derivative is a polynomial

Options
${optionLines(options, {
  rule: "the update rule (default gradientDescent)",
  from: "the lowest learning rate (default: 0.9 times the first doubling)",
  to: "the highest (default: well beyond the doublings)",
  count: "how many, at even distances (default 600)",
})}

Read the answer
  period     points that the orbit comes back to after so many steps: 1 is a
             minimum reached, 2 jumps to and fro, none is chaos.
  exponent   Lyapunov's: neighbouring orbits part by e to its power each step.
             Below 0 they meet, at 0 the period doubles, above 0 it is chaos.
  chaos      where the doublings pile up. Each gap between them is about 4.669
             times the next, whatever the landscape: Feigenbaum's constant.

Examples
  thalweg bifurcation --svg diagram.svg
  thalweg bifurcation double-well --from 0.9 --to 2 --csv points.csv
  thalweg bifurcation --slope 0,1,-1 --rule sgd --option momentum=0.3

JSON has the names of the API: rates, periods, exponents, escapes, doublings,
onset, delta …; ∞ is the string "Infinity". The points are what --csv writes.`;

const deblurHelp = (
  options: readonly CliOptionName[],
) => `thalweg deblur image.png --blur BLUR --save FILE [options]

Finds the image behind a blurred one: the minimum of ½‖Ax − b‖² + X/2 ‖x‖², A
being the blur and b the image given, by steps of 1/L with L = ‖A‖². PNG, PGM
and PPM of 8 and 16 bits; colours one by one, transparency as it is.

Options
${optionLines(options, {
  steps: "steps to take at most (default: 50, or 1,000 with --noise or --tikhonov)",
  seed: "with --add-noise: of the noise (default 0)",
  save: "write the sharper image: .png, .pgm or .ppm",
})}

Blurs
  gaussian:2      weights exp(−d²/2σ²) with σ = 2
  motion:15,30    a straight line of 15 pixels at 30°, counterclockwise
  defocus:5       a disk of radius 5
  kernel:psf.png  weights of your own: an image's brightness, made to add up to
                  1, or the numbers of a CSV file, as they are; an odd number of
                  rows and of columns

When to stop
  A blur takes fine detail away, and noise is full of it: the first steps bring
  the image back, later ones the noise. With --noise it stops where what is left
  is as large as the noise; the least possible, of rounding, is 0.001 with 8
  bits. With --tikhonov it may go on to the end.

Examples
  thalweg deblur photo.png --blur motion:15,30 --noise 0.01 --save sharp.png
  thalweg deblur photo.png --blur gaussian:2 --tikhonov 0.01 --save sharp.png
  thalweg deblur sharp.png --blur defocus:5 --add-blur --add-noise 0.01

JSON has the names of the API: lambdaMax, learningRate, runs (channel, steps,
reason, residual), psnr (before, after) …`;

/** The help of each command. */
export const commandHelp = {
  inspect: inspectHelp,
  fit: fitHelp,
  sweep: sweepHelp,
  predict: predictHelp,
  bifurcation: bifurcationHelp,
  deblur: deblurHelp,
};
