//! The flags of a regular expression.

use crate::error::{Error, ErrorKind};

/// Flags `d g i m s u v y`.
///
/// `global` and `sticky` do not change how [`Regex`](crate::Regex) is compiled; they are what a `RegExp` object does with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// `d`: the caller wants offsets of the groups.
    pub has_indices: bool,
    /// `g`
    pub global: bool,
    /// `i`
    pub ignore_case: bool,
    /// `m`: `^` and `$` match at line terminators.
    pub multiline: bool,
    /// `s`: `.` matches line terminators.
    pub dot_all: bool,
    /// `u`
    pub unicode: bool,
    /// `v`; excludes `u`.
    pub unicode_sets: bool,
    /// `y`
    pub sticky: bool,
}

impl Flags {
    /// Reads flags as `new RegExp` does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidFlags`] for an unknown or repeated flag, and for `u` with `v`.
    ///
    /// # Example
    ///
    /// ```
    /// use sidelane_regexp::Flags;
    /// assert!(Flags::parse("gi")?.ignore_case);
    /// assert!(Flags::parse("gg").is_err());
    /// assert!(Flags::parse("uv").is_err());
    /// # Ok::<(), sidelane_regexp::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Flags, Error> {
        let mut flags = Flags::default();
        for (position, letter) in text.chars().enumerate() {
            let flag = match letter {
                'd' => &mut flags.has_indices,
                'g' => &mut flags.global,
                'i' => &mut flags.ignore_case,
                'm' => &mut flags.multiline,
                's' => &mut flags.dot_all,
                'u' => &mut flags.unicode,
                'v' => &mut flags.unicode_sets,
                'y' => &mut flags.sticky,
                _ => return Err(Error::new(ErrorKind::InvalidFlags, position)),
            };
            if std::mem::replace(flag, true) {
                return Err(Error::new(ErrorKind::InvalidFlags, position));
            }
        }
        if flags.unicode && flags.unicode_sets {
            return Err(Error::new(ErrorKind::InvalidFlags, text.len() - 1));
        }
        Ok(flags)
    }

    /// Whether a character is a code point (`u` or `v`) and not a code unit.
    pub fn is_unicode(self) -> bool {
        self.unicode || self.unicode_sets
    }
}
