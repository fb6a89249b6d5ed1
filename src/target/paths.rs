//! Paths of the kind that `scripts/paths.js` calls, judged by the URL library that sends them.

use std::env;
use std::iter;

use super::properties::{BASES, escape_of};
use super::*;

const PIECES: &str = include_str!("../../scripts/paths/pieces.json");
const MOST_PIECES: usize = 9;

/// Makes one path, as `scripts/paths/generate.js` does.
fn path(random: &mut fastrand::Rng, pieces: &[String]) -> String {
    let count = random.usize(0..=MOST_PIECES);
    let parts: Vec<String> = iter::repeat_with(|| match random.u8(0..200) {
        0..12 => random.char(..).to_string(),
        12..24 => format!("%{:02x}", random.u8(..)),
        _ => pieces[random.usize(..pieces.len())].clone(),
    })
    .take(count)
    .collect();
    let beginning = if random.u8(0..4) > 0 { ["/a", "/api", "/", "/ "][random.usize(0..4)] } else { "" };
    format!("{beginning}{}", parts.concat())
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn whatever_path_is_not_refused_is_within_its_base_as_reqwest_sees_it() {
    let pieces: Vec<String> = serde_json::from_str(PIECES).unwrap();
    let (paths, seed) = (number("PATHS", 20_000), number("PATHS_SEED", 1));
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut refused, mut sent, mut escapes) = (0_u64, 0_u64, Vec::new());
    for index in 0..paths {
        let base = Base::new(Url::parse(BASES[usize::try_from(index).unwrap() % BASES.len()]).unwrap());
        let path = path(&mut random, &pieces);
        match base.join(&path, None) {
            Err(_) => refused += 1,
            Ok(url) => match escape_of(&url, base.url()) {
                None => sent += 1,
                Some(escape) => escapes.push(format!("{path:?}: {escape}")),
            },
        }
    }
    say(paths, refused, sent, escapes.len(), seed);
    assert!(escapes.is_empty(), "{escapes:#?}");
    assert!(refused > paths / 10 && sent > paths / 10, "the paths test one side only");
}

#[expect(clippy::print_stdout, reason = "`scripts/paths.js` shows it")]
fn say(paths: u64, refused: u64, sent: u64, escaped: usize, seed: u64) {
    println!("Paths by reqwest's Url: tried {paths}, refused {refused}, sent {sent}, escaped {escaped} (seed {seed})");
}
