//! The natural logarithm of 1 + x.

const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// In double precision, to the last bit what `Math.log1p` of V8 gives: both are fdlibm's algorithm (s_log1p.c, Sun, 1993). The platforms' differ among each other, and
/// FreeBSD's and musl's from this one in the last bit of 1 number in 17,000.
pub(super) fn log1p(x: f64) -> f64 {
    if x <= -1.0 || x.is_nan() || x == f64::INFINITY {
        return if x == -1.0 {
            f64::NEG_INFINITY
        } else if x > 0.0 {
            x
        } else {
            f64::NAN
        };
    }
    let size = high(x.abs());
    if size < 0x3e20_0000 {
        // Below 2^-29 two terms are enough, below 2^-54 one.
        return if size < 0x3c90_0000 { x } else { x - x * x * 0.5 };
    }
    // From 1 - sqrt(2)/2 to sqrt(2) - 1 nothing has to be split off.
    let whole = if x > 0.0 { size < 0x3fda_827a } else { size <= 0x3fd2_bec4 };
    let Reduced { f, exponent, correction, is_near_one } =
        if whole { Reduced::whole(x) } else { Reduced::of(x) };
    let (high_part, low_part) = (exponent * LN_2_HIGH, exponent * LN_2_LOW + correction);
    let half_square = 0.5 * f * f;
    if is_near_one {
        if f == 0.0 {
            return high_part + low_part;
        }
        let rest = half_square * (1.0 - 0.666_666_666_666_666_6 * f);
        return if exponent == 0.0 { f - rest } else { high_part - ((rest - low_part) - f) };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let poly = z * (LG[0] + z * (LG[1] + z * (LG[2] + z * (LG[3] + z * (LG[4] + z * (LG[5] + z * LG[6]))))));
    let product = s * (half_square + poly);
    if exponent == 0.0 {
        f - (half_square - product)
    } else {
        high_part - ((half_square - (product + low_part)) - f)
    }
}

/// 1 + x = 2^exponent * (1 + f), with f from sqrt(2)/2 - 1 to sqrt(2) - 1.
struct Reduced {
    f: f64,
    exponent: f64,
    /// What rounding 1 + x has lost, relative to it.
    correction: f64,
    /// f is below 2^-20.
    is_near_one: bool,
}

impl Reduced {
    fn whole(x: f64) -> Self {
        Self { f: x, exponent: 0.0, correction: 0.0, is_near_one: false }
    }

    fn of(x: f64) -> Self {
        // From 2^53 on the 1 is lost.
        let (u, lost) = if high(x) < 0x4340_0000 || x < 0.0 {
            let u = 1.0 + x;
            let lost = if high(u) >= 0x4000_0000 { 1.0 - (u - x) } else { x - (u - 1.0) };
            (u, lost / u)
        } else {
            (x, 0.0)
        };
        let exponent = i64::from(high(u) >> 20) - 1023;
        let mantissa = u.to_bits() & ((1 << 52) - 1);
        let top = (mantissa >> 32) as u32;
        if top < 0x6_a09e {
            let f = f64::from_bits(mantissa | 1023 << 52) - 1.0;
            Self { f, exponent: exponent as f64, correction: lost, is_near_one: top == 0 }
        } else {
            let f = f64::from_bits(mantissa | 1022 << 52) - 1.0;
            Self {
                f,
                exponent: (exponent + 1) as f64,
                correction: lost,
                is_near_one: (0x10_0000 - top) >> 2 == 0,
            }
        }
    }
}

/// Sign, exponent and the first 20 bits of the fraction.
fn high(x: f64) -> u32 {
    (x.to_bits() >> 32) as u32
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
        for step in 0..400_000_u32 {
            let x = f32::from_bits(step * 10_733);
            for x in [x, -x] {
                let (fast, exact) = (one(x), log1p(f64::from(x)) as f32);
                if fast.to_bits() != exact.to_bits() && !(fast.is_nan() && exact.is_nan()) {
                    other += 1;
                    assert!((fast - exact).abs() <= exact.abs() * f32::EPSILON, "{x}: {fast}, {exact}");
                }
            }
        }
        assert!(other <= 1, "{other} of 800,000");
    }

    #[test]
    fn the_ends() {
        for x in
            [0.0, -0.0, f32::INFINITY, -1.0, f32::MIN_POSITIVE, -f32::MIN_POSITIVE, 1e-45, -1e-45, f32::MAX]
        {
            assert_eq!(one(x).to_bits(), (log1p(f64::from(x)) as f32).to_bits(), "{x}");
        }
        assert!(one(-1.5).is_nan() && one(f32::NAN).is_nan() && one(f32::NEG_INFINITY).is_nan());
    }
}
