//! Decisions out of bytes: fewer and smaller bytes make a simpler case, so that what shrinks bytes shrinks cases.

pub(crate) struct Choices<'b> {
    bytes: &'b [u8],
}

/// Units that the characters of patterns and subjects are taken from.
pub(crate) const UNITS: [u16; 18] = [
    0x61, 0x62, 0x63, 0x41, 0x42, 0x31, 0x5F, 0x20, 0x0A, 0x0D, 0xE9, 0xC9, 0x73, 0x17F, 0x6B, 0x212A,
    0xD83D, 0xDE00,
];

impl<'b> Choices<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Choices { bytes }
    }

    /// A number below `count`; 0 when the bytes are used up.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let Some((&byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(byte) % count
    }

    pub(crate) fn is_over(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn unit(&mut self) -> u16 {
        // The first ones are the likely ones.
        let among = [3, 3, 9, UNITS.len()][self.below(4)];
        UNITS[self.below(among)]
    }

    pub(crate) fn subject(&mut self) -> Vec<u16> {
        let mut subject: Vec<u16> = (0..self.below(14)).map(|_| self.unit()).collect();
        if self.below(8) == 0 {
            // Long enough for the scans that go by chunks.
            let filler = self.unit();
            let tail = std::mem::take(&mut subject);
            subject.extend(std::iter::repeat_n(filler, 100 + self.below(100)));
            subject.extend(tail);
        }
        subject
    }
}
