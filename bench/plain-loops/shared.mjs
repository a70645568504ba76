// What the plain loops share.

const DENORMAL_SOON = 1e-200;

/** The next power of a coefficient; 0 before it is denormal, since denormal numbers cost a hundred cycles each. */
export function nextPower(power, coefficient) {
  const next = power * coefficient;
  return next < DENORMAL_SOON ? 0 : next;
}

/** Slots like `x`, all zero. */
export const zeros = (x) => new x.constructor(x.length);
