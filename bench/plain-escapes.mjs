// What a careful programmer would write in plain JavaScript for noisy descents on a landscape of two valleys, one run after the other:
// with the same counter-based numbers, two a block of Philox by Box and Muller's transform, or with the fastest that JavaScript has, sfc32
// and Marsaglia's polar method, which cannot give each run a stream of its own but by its seed.

/** One block of Philox 4×32-10 into `words`; products of 32 by 32 bits are put together from halves. */
function philox(block, stream, part, seedLow, seedHigh, words) {
  let c0 = block | 0;
  let c1 = 0;
  let c2 = stream | 0;
  let c3 = part | 0;
  let k0 = seedLow | 0;
  let k1 = seedHigh | 0;
  for (let round = 0; round < 10; round++) {
    // The upper halves of 0xd2511f53·c0 and 0xcd9e8d57·c2.
    const a = c0 & 0xffff;
    const b = c0 >>> 16;
    const t = Math.imul(b, 0x1f53) + (Math.imul(a, 0x1f53) >>> 16);
    const u = (t & 0xffff) + Math.imul(a, 0xd251);
    const first = Math.imul(b, 0xd251) + (t >>> 16) + (u >>> 16);
    const c = c2 & 0xffff;
    const d = c2 >>> 16;
    const v = Math.imul(d, 0x8d57) + (Math.imul(c, 0x8d57) >>> 16);
    const w = (v & 0xffff) + Math.imul(c, 0xcd9e);
    const second = Math.imul(d, 0xcd9e) + (v >>> 16) + (w >>> 16);
    const low = Math.imul(c0, 0xd2511f53);
    c0 = second ^ c1 ^ k0;
    c1 = Math.imul(c2, 0xcd9e8d57);
    c2 = first ^ c3 ^ k1;
    c3 = low;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** The next x; plain arguments stay in registers where this is inlined. */
function next(x, noise, a, lambda, joint, mu, farJoint, farLambda, b, rate, deviation) {
  const slope = x < joint ? lambda * (x - a) : x < farJoint ? -mu * x : farLambda * (x - b);
  return x - rate * (deviation * noise + slope);
}

/** Writes the step at which each run arrives, −1 where it does not; in f32 uniform numbers have as many bits as ours. */
export function plainEscapes(problem, steps, seed, single, passages) {
  const words = new Uint32Array(4);
  const { mu, rate, deviation, start, target } = problem;
  const { at: a1, curvature: l1, joint: j1 } = problem.left;
  const { at: a2, curvature: l2, joint: j2 } = problem.right;
  for (let run = 0; run < passages.length; run++) {
    let x = start;
    let passage = -1;
    for (let block = 0, step = 0; step < steps && passage < 0; block++) {
      philox(block, run, 0, seed, 0, words);
      for (let half = 0; half < (single ? 4 : 2) && passage < 0; half += 2) {
        const u = single
          ? (words[half] >>> 1) / 2147483648 + 1 / 4294967296
          : 1 - ((words[0] >>> 5) * 67108864 + (words[1] >>> 6)) / 9007199254740992;
        const turn = single
          ? (words[half + 1] >>> 8) / 16777216
          : ((words[2] >>> 5) * 67108864 + (words[3] >>> 6)) / 9007199254740992;
        const radius = Math.sqrt(-2 * Math.log(u));
        const angle = 2 * Math.PI * turn;
        x = next(x, radius * Math.cos(angle), a1, l1, j1, mu, j2, l2, a2, rate, deviation);
        if (++step <= steps && x >= target) passage = step;
        else {
          x = next(x, radius * Math.sin(angle), a1, l1, j1, mu, j2, l2, a2, rate, deviation);
          if (++step <= steps && x >= target) passage = step;
        }
      }
    }
    passages[run] = passage;
  }
}

/** The same with other random numbers: sfc32, and the polar method, which takes neither sine nor cosine. */
export function plainEscapesPolar(problem, steps, seed, passages) {
  const { mu, rate, deviation, start, target } = problem;
  const { at: a1, curvature: l1, joint: j1 } = problem.left;
  const { at: a2, curvature: l2, joint: j2 } = problem.right;
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const uniform = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t / 2147483648;
  };
  for (let run = 0; run < passages.length; run++) {
    let x = start;
    let passage = -1;
    for (let step = 0; step < steps && passage < 0; ) {
      let u;
      let v;
      let square;
      do {
        u = uniform();
        v = uniform();
        square = u * u + v * v;
      } while (square >= 1 || square === 0);
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      x = next(x, u * factor, a1, l1, j1, mu, j2, l2, a2, rate, deviation);
      if (++step <= steps && x >= target) passage = step;
      else {
        x = next(x, v * factor, a1, l1, j1, mu, j2, l2, a2, rate, deviation);
        if (++step <= steps && x >= target) passage = step;
      }
    }
    passages[run] = passage;
  }
}
