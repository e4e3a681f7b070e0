//! What typed arrays hold.

use bytemuck::{AnyBitPattern, NoUninit, Pod};

/// An unsigned integer that orders like the number it stands for.
pub trait Key: Pod + Ord + Send + Sync + AnyBitPattern + NoUninit {
    /// Its value, in the low bits.
    fn bits(self) -> u64;
    /// The key of these low bits.
    fn from_bits(bits: u64) -> Self;
}

/// An element of a typed array.
pub trait Number: Pod + Send + Sync {
    /// As wide as the number.
    type Key: Key;
    /// The nearest double, as `Number(x)` has it.
    fn to_f64(self) -> f64;
    /// Its place in the order of `TypedArray.prototype.sort`. All NaNs are one, the last.
    fn key(self) -> Self::Key;
    /// The number of a key.
    fn from_key(key: Self::Key) -> Self;
    /// Whether it is NaN.
    fn is_nan(self) -> bool {
        false
    }
}

macro_rules! keys {
    ($($key:ty),*) => {$(
        impl Key for $key {
            fn bits(self) -> u64 {
                u64::from(self)
            }

            fn from_bits(bits: u64) -> Self {
                bits as Self
            }
        }
    )*};
}

keys!(u8, u16, u32, u64);

macro_rules! unsigned {
    ($($number:ty),*) => {$(
        impl Number for $number {
            type Key = $number;

            fn to_f64(self) -> f64 {
                self as f64
            }

            fn key(self) -> Self::Key {
                self
            }

            fn from_key(key: Self::Key) -> Self {
                key
            }
        }
    )*};
}

macro_rules! signed {
    ($($number:ty => $key:ty),*) => {$(
        impl Number for $number {
            type Key = $key;

            fn to_f64(self) -> f64 {
                self as f64
            }

            fn key(self) -> Self::Key {
                (self ^ <$number>::MIN) as $key
            }

            fn from_key(key: Self::Key) -> Self {
                key as $number ^ <$number>::MIN
            }
        }
    )*};
}

macro_rules! float {
    ($($number:ty, $signed:ty => $key:ty),*) => {$(
        impl Number for $number {
            type Key = $key;

            fn to_f64(self) -> f64 {
                self.into()
            }

            fn key(self) -> Self::Key {
                // NaNs have many bit patterns, with either sign; to JavaScript they are one.
                let bits = if self != self { <$number>::NAN.to_bits() } else { self.to_bits() };
                // Negative numbers order backwards: all their bits are flipped, of the others only the sign.
                let mask = (bits as $signed >> (<$signed>::BITS - 1)) as $key | <$signed>::MIN as $key;
                bits ^ mask
            }

            fn from_key(key: Self::Key) -> Self {
                let mask = !(key as $signed >> (<$signed>::BITS - 1)) as $key | <$signed>::MIN as $key;
                Self::from_bits(key ^ mask)
            }

            fn is_nan(self) -> bool {
                self != self
            }
        }
    )*};
}

unsigned!(u8, u16, u32, u64);
signed!(i8 => u8, i16 => u16, i32 => u32, i64 => u64);
float!(f32, i32 => u32, f64, i64 => u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_like_sort_and_come_back() {
        let ordered = [
            f64::NEG_INFINITY,
            f64::MIN,
            -1.5,
            -f64::MIN_POSITIVE,
            -5e-324,
            -0.0,
            0.0,
            5e-324,
            1.0,
            f64::MAX,
            f64::INFINITY,
        ];
        assert!(ordered.windows(2).all(|pair| pair[0].key() < pair[1].key()));
        assert!(ordered.iter().all(|x| f64::from_key(x.key()).to_bits() == x.to_bits()));
        assert!((-f64::NAN).key() > f64::INFINITY.key() && f64::from_key((-f64::NAN).key()).is_nan());
        assert!((-f32::NAN).key() == f32::NAN.key() && f32::NAN.key() > f32::INFINITY.key());
        assert!((-0.0_f32).key() < 0.0_f32.key() && f32::from_key((-2.5_f32).key()) == -2.5);
        assert!(
            i8::MIN.key() < (-1_i8).key()
                && (-1_i8).key() < 0_i8.key()
                && i64::from_key(i64::MIN.key()) == i64::MIN
        );
        assert_eq!(u64::MAX.to_f64(), 18_446_744_073_709_551_616.0);
    }
}
