//! The fast look over a whole text for what may belong to an inexact number.

use std::ops::Range;
use std::slice::ChunksExact;

use wide::u8x16;

/// Finds pieces of what may be inexact numbers, inside strings or not.
///
/// Such a number has an exponent or at least sixteen digits, see `Decimal::is_exact`. Sixteen digits in a row, a point
/// among them or not, leave at least eight in one block, wherever the blocks begin.
pub(super) struct Suspects<'t> {
    text: &'t [u8],
    blocks: ChunksExact<'t, u8>,
    /// Where the next block begins.
    next: usize,
    block: Block,
    /// The first bytes of the pieces in `block` that are still to be told.
    left: u64,
}

impl<'t> Suspects<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self { text, blocks: text.chunks_exact(Block::SIZE), next: 0, block: Block::default(), left: 0 }
    }

    /// Goes on to the next block that holds a suspect.
    fn advance(&mut self) -> Option<()> {
        while self.left == 0 {
            let digit_before = self.block.digits >> 63;
            self.block = match self.blocks.next() {
                Some(bytes) => Block::new(bytes),
                None if self.next < self.text.len() => Block::new(&padded(self.blocks.remainder())),
                None => return None,
            };
            self.next = self.next.saturating_add(Block::SIZE);
            self.left = self.block.suspects(digit_before);
        }
        Some(())
    }
}

impl Iterator for Suspects<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        self.advance()?;
        let within = self.left.trailing_zeros();
        self.left &= self.left.wrapping_sub(1);
        let digits = (!(self.block.digits >> within)).trailing_zeros();
        let start = self.next.saturating_sub(Block::SIZE).saturating_add(within as usize);
        Some(start..start.saturating_add(digits.max(1) as usize))
    }
}

/// Fills a block up with what is part of no number.
fn padded(tail: &[u8]) -> [u8; Block::SIZE] {
    let mut bytes = [b' '; Block::SIZE];
    bytes.iter_mut().zip(tail).for_each(|(slot, byte)| *slot = *byte);
    bytes
}

/// Sixty-four bytes looked at together, with a bit for each, the first byte lowest.
#[derive(Clone, Copy, Default)]
struct Block {
    /// Digits, and `.` and `/`, which stand before them in ASCII.
    digits: u64,
    /// Both letters that an exponent begins with.
    exponents: u64,
}

impl Block {
    const SIZE: usize = 64;

    #[inline]
    fn new(bytes: &[u8]) -> Self {
        let (lanes, _) = bytes.as_chunks();
        lanes.iter().rev().fold(Self::default(), |block, lane| {
            let lane = u8x16::new(*lane);
            let digits = lane.max(u8x16::splat(b'.')).min(u8x16::splat(b'9')).simd_eq(lane);
            // The bit that makes letters small.
            let exponents = (lane | u8x16::splat(0x20)).simd_eq(u8x16::splat(b'e'));
            Self {
                digits: block.digits << 16 | u64::from(digits.to_bitmask()),
                exponents: block.exponents << 16 | u64::from(exponents.to_bitmask()),
            }
        })
    }

    /// Marks the letter of each exponent, and where eight digits in a row begin.
    #[inline]
    fn suspects(self, digit_before: u64) -> u64 {
        let two = self.digits & self.digits >> 1;
        let four = two & two >> 2;
        let eight = four & four >> 4;
        self.exponents & (self.digits << 1 | digit_before) | eight & !(eight << 1)
    }
}
