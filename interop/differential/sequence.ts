/**
 * Numbers below a limit that look random and are the same on every run (a linear congruential
 * generator with the constants of Numerical Recipes).
 */
export function sequence(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
