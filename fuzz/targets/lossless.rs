#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| layer1::fuzz::lossless(input));
