//! Numbers and truth values as they are written in CSV.

/// Exact as doubles.
const POWERS: [f64; 16] =
    [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// What JavaScript's `Number` makes of a decimal literal; none of anything else.
pub(super) fn double(text: &[u8]) -> Option<f64> {
    let (negative, digits) = signed(text);
    // Up to 15 digits, both numbers of the division are exact, and so it rounds once.
    if digits.len() > 16 {
        return slow(text);
    }
    let (mut mantissa, mut count, mut scale, mut point) = (0_u64, 0, 0_usize, false);
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa * 10 + u64::from(digit);
            count += 1;
            scale += usize::from(point);
        } else if *byte == b'.' && !point {
            point = true;
        } else {
            return slow(text);
        }
    }
    if count == 0 || count > 15 {
        return slow(text);
    }
    let value = mantissa as f64 / POWERS[scale];
    Some(if negative { -value } else { value })
}

/// Every literal.
fn slow(text: &[u8]) -> Option<f64> {
    match text {
        b"Infinity" | b"+Infinity" => return Some(f64::INFINITY),
        b"-Infinity" => return Some(f64::NEG_INFINITY),
        b"NaN" => return Some(f64::NAN),
        _ => {}
    }
    let decimal = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.iter().all(decimal) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// An integer of 64 bits.
pub(super) fn long(text: &[u8]) -> Option<i64> {
    let (negative, digits) = signed(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |value: i64, digit: &u8| {
        let digit = i64::from(digit - b'0');
        let value = value.checked_mul(10)?;
        if negative { value.checked_sub(digit) } else { value.checked_add(digit) }
    };
    digits.iter().try_fold(0, add)
}

/// An integer of 32 bits.
pub(super) fn int(text: &[u8]) -> Option<i32> {
    long(text).and_then(|value| i32::try_from(value).ok())
}

/// `true`, `false`, in any case, `1` and `0`.
pub(super) fn boolean(text: &[u8]) -> Option<u8> {
    match text {
        b"1" => Some(1),
        b"0" => Some(0),
        _ if text.eq_ignore_ascii_case(b"true") => Some(1),
        _ if text.eq_ignore_ascii_case(b"false") => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        assert_eq!(double(b"-12.5"), Some(-12.5));
        assert_eq!(double(b".5"), Some(0.5));
        assert_eq!(double(b"5."), Some(5.0));
        assert_eq!(double(b"1e3"), Some(1000.0));
        assert_eq!(double(b"0.1234567890123456789"), Some(0.123_456_789_012_345_68));
        assert_eq!(double(b"-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
        for wrong in ["", "-", ".", "1,5", "0x1", "inf", "nan", "1e", "--1", "1 2", "1.2.3", "+-1"] {
            assert_eq!(double(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn integers() {
        assert_eq!(long(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(long(b"9223372036854775808"), None);
        assert_eq!(int(b"2147483648"), None);
        assert_eq!(int(b"+2147483647"), Some(i32::MAX));
        assert_eq!(int(b"1.0"), None);
    }
}
