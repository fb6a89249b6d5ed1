//! What holds of the target of a call, whatever its path and query: for random text here, and for a fuzzer's.

use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::Base;

pub(super) const BASES: [&str; 3] =
    ["https://api.example/v1/tenant", "https://api.example", "http://127.0.0.1:8080/a%20b/"];

/// Joins a path and a query with some bases, and checks what comes of it.
pub(crate) fn check(path: &str, query: Option<&str>) {
    for base in BASES.into_iter().filter_map(|base| Url::parse(base).ok()) {
        let joined = Base::new(base.clone()).join(path, query);
        let Ok(url) = joined else { continue };
        assert_eq!(escape_of(&url, &base), None, "{path:?}, {query:?}");
        assert!(url.as_str().bytes().all(|byte| byte.is_ascii_graphic()), "{path:?} became {url}");
        let plain = Base::new(base).join(path, None);
        assert_eq!(plain.as_ref().map(Url::path), Ok(url.path()), "a query changed the path {path:?}");
    }
}

/// Says how a URL that was made left its base, if it did.
pub(super) fn escape_of(url: &Url, base: &Url) -> Option<String> {
    let prefix = base.path().trim_end_matches('/');
    let origin = base.origin().ascii_serialization();
    let target = url.as_str().strip_prefix(&origin)?;
    let path = target.split('?').next().unwrap_or_default();
    // Servers may decode once. Some characters end a path, or begin another escape, only where they are not encoded.
    let once = ["%25", "%3f", "%3F", "%23"]
        .iter()
        .fold(path.to_owned(), |path, escape| path.replace(escape, &escape.replace('%', "%25")));
    let decoded = percent_decode_str(&once).decode_utf8_lossy();
    let relative = if prefix.is_empty() { format!(".{target}") } else { target.to_owned() };
    // The last with an empty query: at its end a URL would lose blanks, which are part of the path.
    let readings = [
        ("as it was made", Ok(url.clone())),
        ("put behind the origin", Url::parse(&format!("{origin}{target}"))),
        ("resolved against the base", base.join(&relative)),
        ("decoded, and put behind the origin", Url::parse(&format!("{origin}{decoded}?"))),
    ];
    readings.into_iter().find_map(|(how, url)| {
        let url = match url {
            Ok(url) => url,
            Err(error) => return Some(format!("{how}, it is no URL: {error}")),
        };
        let is_inside = url.origin() == base.origin()
            && format!("{}/", url.path()).starts_with(&format!("{prefix}/"))
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        (!is_inside).then(|| format!("{how}, it is {url}"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::check;

    const PIECES: [&str; 14] = ["/", "..", ".", "%2e", "%2F", "\\", "%5c", "?", "#", "%", ":", "//", "a", "\n"];

    proptest! {
        #[test]
        fn any_text_as_path_and_query_stays_within_the_base(path in any::<String>(), query in any::<Option<String>>()) {
            check(&path, query.as_deref());
            check(&format!("/{path}"), query.as_deref());
        }

        #[test]
        fn any_mix_of_what_paths_are_made_of_stays_within_the_base(pieces in vec(select(&PIECES[..]), 0..12)) {
            check(&pieces.concat(), None);
        }
    }
}
