#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| layer1::fuzz::token_answer(input));
