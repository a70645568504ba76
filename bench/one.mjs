// Measures the one case named on the command line and prints the outcome as JSON.
import { cases } from "./cases.mjs";
import { compare } from "./measure.mjs";

/** Runs of each side before the results are compared, unless the case says how many. */
const TRIAL = 20;
/** Relative to the largest number of the result. */
const TOLERANCE = { f64: 1e-11, f32: 2e-5 };

function disagreement(ours, theirs) {
  let size = 0;
  let difference = 0;
  for (let i = 0; i < ours.length; i++) {
    size = Math.max(size, Math.abs(theirs[i]));
    const apart = Math.abs(ours[i] - theirs[i]);
    difference = apart >= 0 ? Math.max(difference, apart) : Infinity;
  }
  return difference / size;
}

const { precision, prepare, trial = TRIAL } = cases.find(({ name }) => name === process.argv[2]);
const { ours, peers } = prepare();
ours.run(trial);
let worst = 0;
for (const peer of Object.values(peers)) {
  peer.run(trial);
  worst = Math.max(worst, disagreement(ours.result(), peer.result()));
}
if (!(worst <= TOLERANCE[precision])) {
  console.log(JSON.stringify({ wrong: `the results differ by a relative ${worst.toPrecision(2)}` }));
} else {
  const runs = Object.entries(peers).map(([name, { run }]) => [name, run]);
  console.log(JSON.stringify(compare(ours.run, Object.fromEntries(runs))));
}
