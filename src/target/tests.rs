use super::*;

fn base(url: &str) -> Base {
    Base::new(Url::parse(url).unwrap())
}

fn join(path: &str) -> Result<String, String> {
    base("https://api.example/v").join(path, None).map(String::from)
}

#[test]
fn a_path_is_appended_to_the_prefix_with_or_without_its_slash() {
    assert_eq!(join("/a/b").unwrap(), "https://api.example/v/a/b");
    assert_eq!(join("a/b").unwrap(), "https://api.example/v/a/b");
    assert_eq!(base("https://api.example/").join("/a", None).unwrap().as_str(), "https://api.example/a");
    assert_eq!(base("https://api.example/v/").join("/", None).unwrap().as_str(), "https://api.example/v/");
}

#[test]
fn text_outside_ascii_is_encoded_once_and_what_is_encoded_stays() {
    assert_eq!(join("/é/a b/%2F/%C3%A9/[x]").unwrap(), "https://api.example/v/%C3%A9/a%20b/%2F/%C3%A9/%5Bx%5D");
}

#[test]
fn a_query_in_the_path_and_one_beside_it_are_joined() {
    let joined = |path, query| base("https://api.example").join(path, query).unwrap().to_string();
    assert_eq!(joined("/a?x=1", Some("y=2")), "https://api.example/a?x=1&y=2");
    assert_eq!(joined("/a", Some("y=2")), "https://api.example/a?y=2");
    assert_eq!(joined("/a?", Some("y=2")), "https://api.example/a?y=2");
    assert_eq!(joined("/a?q=é b", None), "https://api.example/a?q=%C3%A9%20b");
}

#[test]
fn what_could_leave_the_base_is_refused() {
    for path in [
        "",
        "?a=b",
        "//evil.example/a",
        "https://evil.example/a",
        "HTTPS:/evil.example",
        "javascript:alert(1)",
        "/a\\b",
        "/a%5cb",
        "/a%5Cb",
        "/a\nb",
        "/a%0ab",
        "/a%00",
        "/a%7F",
        "/a\u{85}b",
        "/a%C2%85b",
        "/..",
        "/a/../b",
        "/a/./b",
        "../a",
        ".",
        "/a/%2e%2E/b",
        "/a/.%2e",
        "/a%2F..%2Fb",
        "/a%2f%2e%2e",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%2g",
        "/a#b",
        "/a?b#c",
        "/a?b\\c",
        "/a?b\tc",
    ] {
        assert!(join(path).is_err(), "{path:?} gave {:?}", join(path));
    }
}

#[test]
fn odd_but_harmless_paths_pass() {
    for path in ["/a/...", "/a..b/c", "/a//b", "/a:b", "/@user", "/a;v=1", "/a?b=%zz", "/%252e%252e/a", "/a/.hidden"] {
        assert!(join(path).is_ok(), "{path:?}: {:?}", join(path));
    }
}
