// Philox 4×32-10: a counter-based generator. Four words of output are a pure function of a
// 128-bit counter and a 64-bit key, so that any part of a stream can be had by itself.
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

/** Writes `blocks` × 4 words at `out`: counters (low + i, high, stream, 0), key (seedLow, seedHigh). */
export function philox(
  blocks: i32, low: u32, high: u32, stream: u32, top: u32, seedLow: u32, seedHigh: u32, out: usize,
): void {
  let counter: u64 = (<u64>low) | ((<u64>high) << 32);
  for (let i = 0; i < blocks; i++) {
    let c0 = <u32>counter, c1 = <u32>(counter >> 32), c2 = stream, c3 = top;
    let k0 = seedLow, k1 = seedHigh;
    for (let round = 0; round < 10; round++) {
      const first = <u64>c0 * 0xd2511f53;
      const second = <u64>c2 * 0xcd9e8d57;
      c0 = (<u32>(second >> 32)) ^ c1 ^ k0;
      c2 = (<u32>(first >> 32)) ^ c3 ^ k1;
      c1 = <u32>second;
      c3 = <u32>first;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    store<u32>(out, c0);
    store<u32>(out, c1, 4);
    store<u32>(out, c2, 8);
    store<u32>(out, c3, 12);
    out += 16;
    counter++;
  }
}
