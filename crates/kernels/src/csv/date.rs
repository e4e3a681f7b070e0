//! Dates as milliseconds since 1970, in UTC where no zone is given.

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFormat {
    /// ISO 8601: `2024-02-29`, `2024-02-29T12:30`, `2024-02-29 12:30:15.250+01:00`. Slashes may stand for the hyphens.
    Iso,
    /// `29.02.2024`, `29/2/2024`, `29-02-2024`, with or without a time as in ISO 8601.
    DayMonthYear,
    /// `2/29/2024` and so on.
    MonthDayYear,
    /// Seconds since 1970, with or without a fraction.
    Unix,
}

/// Milliseconds since 1970; none for what is no date of this format.
pub(super) fn date(text: &[u8], format: DateFormat) -> Option<f64> {
    if format == DateFormat::Unix {
        return super::number::double(text).map(|seconds| seconds * 1000.0).filter(|ms| ms.is_finite());
    }
    let mut cursor = Cursor(text);
    let lengths = if format == DateFormat::Iso { [(4, 4), (2, 2), (2, 2)] } else { [(1, 2), (1, 2), (4, 4)] };
    let first = cursor.number(lengths[0])?;
    let separator = cursor.next()?;
    let fits = match format {
        DateFormat::Iso => matches!(separator, b'-' | b'/'),
        _ => matches!(separator, b'-' | b'/' | b'.'),
    };
    let second = cursor.number(lengths[1])?;
    if !fits || cursor.next()? != separator {
        return None;
    }
    let third = cursor.number(lengths[2])?;
    let (year, month, day) = match format {
        DateFormat::DayMonthYear => (third, second, first),
        DateFormat::MonthDayYear => (third, first, second),
        _ => (first, second, third),
    };
    if !(1..=12).contains(&month) || day == 0 || day > days_of(year, month) {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400_000;
    Some((midnight + cursor.time()?) as f64)
}

struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// A number of so many digits.
    fn number(&mut self, (least, most): (usize, usize)) -> Option<i64> {
        let digits = self.0.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < least {
            return None;
        }
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        Some(number.iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
    }

    /// Milliseconds of a time and its zone, to the end; none at all are 0.
    fn time(&mut self) -> Option<i64> {
        if self.0.is_empty() {
            return Some(0);
        }
        if !matches!(self.next()?, b'T' | b't' | b' ') {
            return None;
        }
        let hours = self.number((2, 2))?;
        let (mut minutes, mut seconds, mut milliseconds) = (0, 0, 0);
        if !self.eat(b':') {
            return None;
        }
        minutes += self.number((2, 2))?;
        if self.eat(b':') {
            seconds = self.number((2, 2))?;
            if self.eat(b'.') || self.eat(b',') {
                let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
                if digits == 0 {
                    return None;
                }
                // Cut off, as Date.parse does.
                let known = digits.min(3);
                milliseconds = self.number((known, known))? * [0, 100, 10, 1][known];
                self.0 = &self.0[digits - known..];
            }
        }
        if hours > 23 || minutes > 59 || seconds > 59 {
            return None;
        }
        let offset = self.zone()?;
        Some(((hours * 60 + minutes - offset) * 60 + seconds) * 1000 + milliseconds)
    }

    /// Minutes east, to the end.
    fn zone(&mut self) -> Option<i64> {
        let sign = match self.0 {
            [] | [b'Z' | b'z'] => return Some(0),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hours = self.number((2, 2))?;
        let colon = self.eat(b':');
        let minutes = if self.0.is_empty() && !colon { 0 } else { self.number((2, 2))? };
        (self.0.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// In the Gregorian calendar. Years are counted from March, so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// Year, month and day of a day.
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_back() {
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = civil(days);
            assert_eq!(days_since_1970(year, month, day), days);
            assert!((1..=days_of(year, month)).contains(&day));
        }
    }

    #[test]
    fn known_dates() {
        let iso = |text: &str| date(text.as_bytes(), DateFormat::Iso);
        assert_eq!(iso("1970-01-01"), Some(0.0));
        assert_eq!(iso("2024-02-29T12:30:15.250+01:00"), Some(1_709_206_215_250.0));
        assert_eq!(iso("2024/02/29 11:30"), Some(1_709_206_200_000.0));
        assert_eq!(iso("0000-03-01"), Some(-62_162_035_200_000.0));
        assert_eq!(iso("2000-01-01T00:00:00.1239Z"), Some(946_684_800_123.0));
        for wrong in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-1-1",
            "2024-01-01T24:00",
            "2024-01-01T",
            "2024-01/01",
            "2024-01-01Z",
        ] {
            assert_eq!(iso(wrong), None, "{wrong}");
        }
        assert_eq!(date(b"29.2.2024", DateFormat::DayMonthYear), iso("2024-02-29"));
        assert_eq!(date(b"2/29/2024 11:30", DateFormat::MonthDayYear), iso("2024-02-29 11:30"));
        assert_eq!(date(b"1.5", DateFormat::Unix), Some(1500.0));
    }
}
