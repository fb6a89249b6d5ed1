use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::IgnoredAny;

use super::*;

fn keep(text: &str) -> String {
    keep_digits(text.to_owned())
}

/// A decimal value in its only form: whether it is negative, digits without zeros at either end, the last one's power of
/// ten.
#[derive(PartialEq)]
struct Value(bool, String, i128);

fn value(number: &str) -> Value {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{}{fraction}", whole.trim_start_matches('-'));
    let digits = all.trim_end_matches('0');
    let zeros = all.len().saturating_sub(digits.len());
    let last = exponent.parse::<i128>().unwrap().saturating_sub(fraction.len() as i128).saturating_add(zeros as i128);
    match digits.trim_start_matches('0') {
        "" => Value(false, String::new(), 0),
        digits => Value(number.starts_with('-'), digits.to_owned(), last),
    }
}

/// Prints by JavaScript's definition: as few digits as find the double again, rounded to the nearest, or to even.
fn print_by_definition(double: f64) -> String {
    (0..17).map(|places| format!("{double:.places$e}")).find(|decimal| decimal.parse() == Ok(double)).unwrap()
}

fn is_given_back(number: &str) -> bool {
    let double: f64 = number.parse().unwrap();
    double.is_finite() && value(&print_by_definition(double)) == value(number)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[test]
fn a_number_that_its_double_gives_back_stays_a_number() {
    for number in [
        "0",
        "-0",
        "0.000",
        "-0.0e-7",
        "0e99999",
        "0E-99999999999999999999",
        "1.10",
        "1e2",
        "1E+2",
        "100.0",
        "0.1",
        "-12.5",
        "9007199254740992",
        "9007199254740994",
        "0.30000000000000004",
        "1.3867702121758425",
        "12345678901234567e-16",
        "1.00000000000000000000000000",
        "100000000000000000000000000",
        "0.000000000000000000000000001",
        "1e308",
        "1e-308",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "5e-324",
        "4.35",
        "5.684341886080802e-14",
        "562949953421312.2",
        "2.9802322387695312e-8",
        "1e23",
    ] {
        for text in [number.to_owned(), format!("[{number}]"), format!(" {{ \"a\" : {number} }} ")] {
            assert_eq!(keep(&text), text);
        }
    }
}

#[test]
fn a_number_that_its_double_does_not_give_back_becomes_a_string_of_its_own_digits() {
    for number in [
        "9007199254740993",
        "-9007199254740993",
        "1.386770212175842462",
        "0.19848315335156838671875",
        "1e400",
        "-1E+400",
        "1e-400",
        "0.1000000000000000055511151231257827",
        "5.6843418860808015e-14",
        "562949953421312.3",
        "2.9802322387695313e-8",
        "4e-324",
        "1.8e308",
        "2.2250738585072011e-308",
        "1e18446744073709551616",
        "1e999999999999999999999",
        "1e-999999999999999999999",
        "123456789012345678901234567890",
        "0.10000000000000001",
        "1.38677021217584246200e-5",
    ] {
        assert_eq!(keep(number), format!("\"{number}\""));
        assert_eq!(keep(&format!("[{number},{number}]")), format!("[\"{number}\",\"{number}\"]"));
        assert_eq!(keep(&format!("{{\"a\" :\t{number}\r\n}}")), format!("{{\"a\" :\t\"{number}\"\r\n}}"));
    }
}

#[test]
fn zeros_that_an_exponent_takes_back_do_not_mislead() {
    let zeros = "0".repeat(700_000);
    for exact in [format!("9007199254740992{zeros}e-700000"), format!("0.{zeros}1234567890123456e700000")] {
        assert!(keep(&exact) == exact);
    }
    for inexact in [format!("9007199254740993{zeros}e-700000"), format!("0.{zeros}10000000000000001e700000")] {
        assert!(keep(&inexact) == format!("\"{inexact}\""));
    }
}

#[test]
fn strings_and_keys_are_not_touched_whatever_they_hold() {
    for text in [
        r#"{"1e400":"1.386770212175842462"}"#,
        r#"["a, 1e400, b", ":1e400,", "\\", "\", 1e400, \"", "1倀", "\\\", 1e400, \\\""]"#,
        r#"{"\\\\\\\\\\\\\\\\":"é, 9007199254740993 ,é", " 9007199254740993 ": "[9007199254740993]"}"#,
    ] {
        assert!(is_json(text) && keep(text) == text, "{text}");
    }
    assert_eq!(keep(r#"["\\", 1e400, "\", 1e400, "]"#), r#"["\\", "1e400", "\", 1e400, "]"#);
}

#[test]
fn a_number_is_found_wherever_it_begins() {
    for shift in 0..150 {
        let text = |mark: &str| {
            let blank = " ".repeat(shift);
            let string = "x".repeat(shift);
            format!("{blank}[\"{string}\",{mark}1e400{mark},{blank}{mark}9007.199254740993{mark}{blank}]")
        };
        assert_eq!(keep(&text("")), text("\""));
    }
}

#[test]
fn what_is_no_json_is_left_as_it_is() {
    for text in [
        "{1.386770212175842462: 1}",
        "{1.386770212175842462}",
        "{\"a\":1,1.386770212175842462 : 1}",
        "1.386770212175842462x",
        "x1.386770212175842462",
        "01.386770212175842462",
        "1.3867702121758424621.2",
        "+1.386770212175842462",
        "--1.386770212175842462",
        "-.386770212175842462",
        ".386770212175842462",
        "1386770212175842462.",
        "1.386770212175842462e",
        "1.386770212175842462e+",
        "1e400e400",
        "1e400.0",
        "1e4-00",
        "-e400",
        "[1e400 1e400]",
        "\"a\"1e400",
        "1e400\"a\"",
        "[1e400\u{b}]",
        "[1e400\u{a0}]",
        "[\u{feff}1e400]",
        "\", 1e400",
        "1e400/9007199254740993",
        "////////////////",
        "eeeeeeeeeeeeeeee",
        "e",
        "",
    ] {
        assert!(!is_json(text) && keep(text) == text, "{text}: {}", keep(text));
    }
}

#[test]
fn a_text_that_needs_no_quotes_is_not_copied() {
    let text = String::from(r#"{"a": [1.5, "1e400", 0.30000000000000004]}"#);
    let place = text.as_ptr();
    let kept = keep_digits(text);
    assert_eq!(kept.as_ptr(), place);
}

#[test]
fn ten_million_digits_take_no_time_to_speak_of() {
    let digits = "7".repeat(10_000_000);
    assert_eq!(keep(&digits).len(), digits.len() + 2);
    assert_eq!(keep(&format!("\"{digits}\"")).len(), digits.len() + 2);
    assert_eq!(keep(&format!("1e{digits}")).len(), digits.len() + 4);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_any_json_just_the_inexact_numbers_are_quoted(pieces in json()) {
        let source: String = pieces.iter().map(Piece::text).collect();
        let expected: String = pieces.iter().map(Piece::kept).collect();
        prop_assert!(is_json(&source) && is_json(&expected), "{}", source);
        prop_assert_eq!(keep(&source), expected);
    }

    #[test]
    fn of_any_text_nothing_but_quotes_changes_and_no_json_comes_of_what_is_none(text in text()) {
        let kept = keep(&text);
        prop_assert_eq!(kept.replace('"', ""), text.replace('"', ""));
        prop_assert_eq!(is_json(&kept), is_json(&text));
        prop_assert_eq!(keep(&kept), kept);
    }
}

/// A text in pieces; a number is a piece of its own.
#[derive(Clone, Debug)]
enum Piece {
    Number(String),
    Other(String),
}

impl Piece {
    fn text(&self) -> String {
        let (Self::Number(text) | Self::Other(text)) = self;
        text.clone()
    }

    fn kept(&self) -> String {
        match self {
            Self::Number(number) if !is_given_back(number) => format!("\"{number}\""),
            _ => self.text(),
        }
    }
}

fn json() -> impl Strategy<Value = Vec<Piece>> {
    let leaf = prop_oneof![
        4 => number().prop_map(|number| vec![Piece::Number(number)]),
        2 => string().prop_map(|string| vec![Piece::Other(string)]),
        1 => select(&["true", "false", "null"]).prop_map(|word| vec![Piece::Other(word.to_owned())]),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let item = (BLANK, inner, BLANK)
            .prop_map(|(before, item, after)| [vec![Piece::Other(before)], item, vec![Piece::Other(after)]].concat());
        let member = (BLANK, string(), BLANK, item.clone()).prop_map(|(before, key, after, item)| {
            [vec![Piece::Other(format!("{before}{key}{after}:"))], item].concat()
        });
        prop_oneof![
            vec(item, 0..6).prop_map(|items| enclosed("[", &items, "]")),
            vec(member, 0..6).prop_map(|members| enclosed("{", &members, "}")),
        ]
    })
}

fn enclosed(open: &str, items: &[Vec<Piece>], close: &str) -> Vec<Piece> {
    let items = items.join(&Piece::Other(",".to_owned()));
    [vec![Piece::Other(open.to_owned())], items, vec![Piece::Other(close.to_owned())]].concat()
}

fn number() -> impl Strategy<Value = String> {
    let double = any::<u64>().prop_map(f64::from_bits).prop_filter("JSON has no infinity", |double| double.is_finite());
    prop_oneof![
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?",
        "-?[1-9]\\.[0-9]{13,16}0{0,9}(e-?[0-9]{1,22})?",
        "-?0(\\.0{1,9})?([eE][+-]?[0-9]{1,30})?",
        "-?[0-9]",
        double.clone().prop_map(|double| format!("{double:?}")),
        (double, 0..20_usize).prop_map(|(double, places)| format!("{double:.places$e}")),
    ]
}

fn string() -> impl Strategy<Value = String> {
    let part = select(&["\\\"", "\\\\", "\\n", "\\u00e9", "é", "x", "e", " ", ",", ":", "[", "]", "7", "1e400"]);
    vec(part, 0..8).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn text() -> impl Strategy<Value = String> {
    let mark = select(&["\"", "\\", ",", ":", "[", "]", "{", "}", "-", "+", ".", "e", "0", "/", "x", "é", " ", "\n"]);
    let part = prop_oneof![3 => mark.prop_map(str::to_owned), 1 => number()];
    vec(part, 0..16).prop_map(|parts| parts.concat())
}

const BLANK: &str = "[ \t\n\r]{0,3}";
