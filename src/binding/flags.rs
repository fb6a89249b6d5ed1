//! What a call wants besides its plain form, as bits: one number costs less to hand over than an object. `lib/flags.js` has
//! the same.

use crate::client::Wanted;

/// The body as bytes.
pub(super) const WANTS_BYTES: u32 = 1;
/// JSON text whose numbers are strings where a double would change them.
pub(super) const WANTS_LOSSLESS: u32 = 2;
/// The answer's headers too.
pub(super) const WANTS_HEADERS: u32 = 4;
/// What is sent is JSON.
pub(super) const SENDS_JSON: u32 = 8;
/// The caller says that doing it twice is the same as once.
pub(super) const IS_IDEMPOTENT: u32 = 16;
/// The caller says that it is not.
pub(super) const IS_NOT_IDEMPOTENT: u32 = 32;
/// Its attempts are to be told of.
pub(super) const IS_TRACED: u32 = 64;

/// Gives the form in which the body is wanted.
pub(super) fn wanted(flags: u32) -> Wanted {
    if flags & WANTS_BYTES != 0 {
        Wanted::Bytes
    } else if flags & WANTS_LOSSLESS != 0 {
        Wanted::LosslessText
    } else {
        Wanted::Text
    }
}
