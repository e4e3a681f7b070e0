//! The natural logarithm of 1 + x.

/// In double precision: fdlibm's algorithm, which V8's `Math.log1p` has too. Not the platform's, which differ among each other.
pub(super) fn log1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The float nearest to it, but for one in some 10⁸ numbers whose logarithm lies between two: computed in double precision without
/// branches, so that the compiler makes vector instructions of it. `ln u + (x - (u - 1)) / u`, where u is 1 + x rounded (Goldberg, "What Every Computer Scientist Should Know About
/// Floating-Point Arithmetic", 1991, theorem 4, in the form of HP's); the logarithm's polynomial is fdlibm's.
pub(super) fn log1p_f32(x: f32) -> f32 {
    let wide = f64::from(x);
    let u = 1.0 + wide;
    let result = (ln(u) + (wide - (u - 1.0)) / u) as f32;
    let result = if x > -1.0 { result } else { f32::NAN };
    let result = if x == -1.0 { f32::NEG_INFINITY } else { result };
    // Itself: both zeros and infinity.
    if x == 0.0 || x == f32::INFINITY { x } else { result }
}

/// fdlibm's coefficients Lg1 to Lg7: ln((1 + s) / (1 - s)) = 2s + s * poly(s²), to 2⁻⁵⁸.
const LG: [f64; 7] = [
    f64::from_bits(0x3fe5_5555_5555_5593),
    f64::from_bits(0x3fd9_9999_9997_fa04),
    f64::from_bits(0x3fd2_4924_9422_9359),
    f64::from_bits(0x3fcc_71c5_1d8e_78af),
    f64::from_bits(0x3fc7_4664_96cb_03de),
    f64::from_bits(0x3fc3_9a09_d078_c69f),
    f64::from_bits(0x3fc2_f112_df3e_5244),
];

/// For normal u above 0.
fn ln(u: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const BIAS: u64 = 1023;
    // 2^52 + 1023: adding an integer below 2^52 to the bits of 2^52 adds it to the number.
    const MAGIC: u64 = 0x4330_0000_0000_0000;
    let bits = u.to_bits();
    // u = m * 2^e, m from sqrt(1/2) to sqrt(2).
    let biased = bits.wrapping_sub(SQRT_HALF).wrapping_add(BIAS << 52) >> 52;
    let m = f64::from_bits(bits.wrapping_sub(biased.wrapping_sub(BIAS) << 52));
    let e = f64::from_bits(MAGIC | biased) - (4_503_599_627_370_496.0 + BIAS as f64);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let poly = LG.iter().rev().fold(0.0, |poly, coefficient| z * (coefficient + poly));
    let half = 0.5 * f * f;
    e * std::f64::consts::LN_2 + (f - (half - s * (half + poly)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_float_almost_always() {
        let mut other = 0;
        for step in 0..4_000_000_u32 {
            let x = f32::from_bits(step * 1073);
            for x in [x, -x] {
                let (fast, exact) = (log1p_f32(x), libm::log1p(f64::from(x)) as f32);
                if fast.to_bits() != exact.to_bits() && !(fast.is_nan() && exact.is_nan()) {
                    other += 1;
                    assert!((fast - exact).abs() <= exact.abs() * f32::EPSILON, "{x}: {fast}, {exact}");
                }
            }
        }
        assert!(other <= 2, "{other} of 8 million");
    }

    #[test]
    fn the_ends() {
        for x in
            [0.0, -0.0, f32::INFINITY, -1.0, f32::MIN_POSITIVE, -f32::MIN_POSITIVE, 1e-45, -1e-45, f32::MAX]
        {
            assert_eq!(log1p_f32(x).to_bits(), (libm::log1p(f64::from(x)) as f32).to_bits(), "{x}");
        }
        assert!(
            log1p_f32(-1.5).is_nan() && log1p_f32(f32::NAN).is_nan() && log1p_f32(f32::NEG_INFINITY).is_nan()
        );
    }
}
