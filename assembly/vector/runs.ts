// Means over runs of elements that follow one another. Runs begin anywhere, not on whole registers: they are read
// element by element, in f64.

/** Puts the mean of each run of `run` elements in their place; the last run may be shorter. No padding is touched. */
export function averageRuns(length: i32, run: i32, x: usize): void {
  const end = x + (<usize>length) * sizeof<real>();
  const width = (<usize>run) * sizeof<real>();
  for (let p = x; p < end; p += width) {
    const stop = min(p + width, end);
    let total: f64 = 0;
    for (let q = p; q < stop; q += sizeof<real>()) total += <f64>load<real>(q);
    const mean = <real>(total / <f64>((stop - p) / sizeof<real>()));
    for (let q = p; q < stop; q += sizeof<real>()) store<real>(q, mean);
  }
}
