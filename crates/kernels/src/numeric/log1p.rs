//! The natural logarithm of 1 + x.

/// In double precision: fdlibm's algorithm, which V8's `Math.log1p` has too. Not the platform's, which differ among each other.
pub(super) fn log1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Numbers side by side.
const LANES: usize = 32;

/// The float nearest to it, but for one in some 10⁸ numbers whose logarithm lies between two: `ln(1 + x)` in double precision, with fdlibm's polynomial, without
/// branches, 32 numbers at a time, so that the compiler makes vector instructions of it.
pub(super) fn log1p_f32(values: &mut [f32]) {
    let (chunks, rest) = values.as_chunks_mut::<LANES>();
    chunks.iter_mut().for_each(log1p_lanes);
    let mut last = [0.0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    log1p_lanes(&mut last);
    rest.copy_from_slice(&last[..rest.len()]);
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

fn log1p_lanes(values: &mut [f32; LANES]) {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const BIAS: u64 = 1023;
    // The bits of 2^52: an integer below that, added to them, is added to the number.
    const MAGIC: u64 = 0x4330_0000_0000_0000;
    // 2^-29: from there on 1 + x is exact in double precision, since x has 24 bits.
    const EXACT: f64 = 1.0 / (1 << 29) as f64;
    for value in values {
        let x = f64::from(*value);
        let u = 1.0 + x;
        // u = m * 2^e, m from sqrt(1/2) to sqrt(2).
        let biased = u.to_bits().wrapping_sub(SQRT_HALF).wrapping_add(BIAS << 52) >> 52;
        let e = f64::from_bits(MAGIC | biased) - (4_503_599_627_370_496.0 + BIAS as f64);
        let f = f64::from_bits(u.to_bits().wrapping_sub(biased.wrapping_sub(BIAS) << 52)) - 1.0;
        let s = f / (2.0 + f);
        let z = s * s;
        let poly =
            z * (LG[0] + z * (LG[1] + z * (LG[2] + z * (LG[3] + z * (LG[4] + z * (LG[5] + z * LG[6]))))));
        let half = 0.5 * f * f;
        let ln = e * std::f64::consts::LN_2 + (f - (half - s * (half + poly)));
        let result = ln as f32;
        // Below -1, and NaN, for which every comparison is false.
        let result = if x > -1.0 { result } else { f32::NAN };
        let result = if x == -1.0 { f32::NEG_INFINITY } else { result };
        // Itself: what is so small that 1 + x is not exact (the next term, x²/2, is far below half a unit), both zeros, and infinity.
        *value = if (x.abs() < EXACT) | (x == f64::INFINITY) { *value } else { result };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(x: f32) -> f32 {
        let mut values = [x];
        log1p_f32(&mut values);
        values[0]
    }

    #[test]
    fn the_nearest_float_almost_always() {
        let mut other = 0;
        for step in 0..4_000_000_u32 {
            let x = f32::from_bits(step * 1073);
            for x in [x, -x] {
                let (fast, exact) = (one(x), libm::log1p(f64::from(x)) as f32);
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
            assert_eq!(one(x).to_bits(), (libm::log1p(f64::from(x)) as f32).to_bits(), "{x}");
        }
        assert!(
            log1p_f32(-1.5).is_nan() && log1p_f32(f32::NAN).is_nan() && log1p_f32(f32::NEG_INFINITY).is_nan()
        );
    }
}
