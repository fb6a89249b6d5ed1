//! Which places of a JSON text are inside a string.

use wide::u8x16;

/// Where strings begin and end, found out as far as it is asked for.
pub(super) struct Strings<'t> {
    text: &'t [u8],
    known: usize,
    /// Where `known` is.
    place: Place,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Outside,
    Inside,
    /// In a string, after a backslash.
    Escaped,
}

impl<'t> Strings<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self { text, known: 0, place: Place::Outside }
    }

    /// Tells whether a position is inside a string; positions are asked for in rising order.
    pub(super) fn enclose(&mut self, position: usize) -> bool {
        let (lanes, tail) = self.text.get(self.known..position).unwrap_or_default().as_chunks();
        let place = lanes.iter().fold(self.place, Place::after_lane);
        self.place = tail.iter().fold(place, Place::after);
        self.known = position;
        self.place != Place::Outside
    }
}

impl Place {
    /// Without a backslash each quote is an edge, and an even number of them changes nothing.
    fn after_lane(self, bytes: &[u8; 16]) -> Self {
        let lane = u8x16::new(*bytes);
        if self == Self::Escaped || lane.simd_eq(u8x16::splat(b'\\')).any() {
            return bytes.iter().fold(self, Self::after);
        }
        let quotes = lane.simd_eq(u8x16::splat(b'"')).to_bitmask();
        if quotes.count_ones().is_multiple_of(2) { self } else { self.after(&b'"') }
    }

    fn after(self, byte: &u8) -> Self {
        match (self, byte) {
            (Self::Outside, b'"') | (Self::Escaped, _) => Self::Inside,
            (Self::Inside, b'"') => Self::Outside,
            (Self::Inside, b'\\') => Self::Escaped,
            (place, _) => place,
        }
    }
}
