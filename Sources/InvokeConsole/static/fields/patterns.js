/** The pattern of an input as the browser tests it; null when the browser can't read it. */
export function compiled(pattern) {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return null;
  }
}

/**
 * What numbers a pattern admits: null when it admits other texts too, else whether there are fractions and signs.
 *
 * Such a pattern spans the whole text and spells nothing but digits, signs, points and exponents.
 */
export function numbers(pattern) {
  if (!/^\^(?:\\d|\\\.|\\\+|\\-|[-0-9+.eE?*(){},|:[\]])+\$$/.test(pattern)) return null;
  const regex = compiled(pattern);
  if (!regex || ["", "1x", "x1", "1 2", "1\n", "-", "."].some((text) => regex.test(text))) return null;
  const samples = ["0", "1", "7", "12", "10", "99", "100", "2024", "1.5", "0.5", "10.25", "-1", "-12", "-0.5"];
  if (!samples.some((text) => regex.test(text))) return null;
  return {
    hasFractions: ["0.5", "1.5", "1.25", "-0.5", "12.75"].some((text) => regex.test(text)),
    hasSigns: ["-1", "-12", "-0.5", "-1.5"].some((text) => regex.test(text)),
  };
}
