use super::*;

const KEY: &[u8] = include_bytes!("../../__test__/fixtures/signing-key.pem");

fn headers(method: &Method, uri: &str, content: Option<&'static str>) -> Vec<(HeaderName, String)> {
    let target_uri = target_uri(&Url::parse(uri).unwrap());
    let content = content.map(Bytes::from);
    let message = Message { method: method.clone(), target_uri, content, created: 1_700_000_000 };
    message.sign(&PrivateKey::parse(KEY).unwrap(), "\"layer1-key\"").unwrap()
}

fn header(headers: &[(HeaderName, String)], name: &HeaderName) -> Option<String> {
    headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone())
}

/// The answers are those of `openssl dgst -sha256 -sign`, over a base written by hand.
#[test]
fn a_signature_without_a_body_is_the_known_one() {
    let uri = "https://api.sandbox.layer1.com/digital/v1/addresses?type=a&type=b&q=caf%C3%A9%20au%20lait";
    let headers = headers(&Method::GET, uri, None);
    let known = concat!(
        "QDy1h6NEGrhTmDhENlwiNFxJRjtc5Vb6mFZZ3HK3+hoWrRFe0ENpbQRcB2jYlylUu60FWT878LBks+3PR8P6Ws99AC7G6Mgd",
        "zSdHf0LYErQkTFgWYXCsU6m5CEuQmlsMJZ7Ycu8nlV0hOUE6BZKdGVU5KW6KaeFgtLf07W6spxG3KPPkC7weSPRxUaBP0LOh",
        "0rHu7LvTHTrcG0VnJej55Gc0st6uG+lvmwshq/E3LXK2TOPc0pvoOJHnOkLphNjlcCd71MKAmj8D1njXj364vLAE526IotX7",
        "AQiuN4yru6odfGeStfGLcM98h4z+vrLctkgMvIK6rUwjNGG8NUawDg==",
    );
    assert_eq!(header(&headers, &SIGNATURE).unwrap(), format!("sig=:{known}:"));
    let input = r#"sig=("@method" "@target-uri");created=1700000000;keyid="layer1-key";alg="rsa-v1_5-sha256""#;
    assert_eq!(header(&headers, &SIGNATURE_INPUT).unwrap(), input);
    assert_eq!(header(&headers, &CONTENT_DIGEST), None);
}

#[test]
fn a_signature_with_a_body_is_the_known_one_and_covers_its_digest() {
    let uri = "https://api.sandbox.layer1.com/digital/v1/addresses";
    let headers = headers(&Method::POST, uri, Some(r#"{"reference":"REF-1","network":"ethereum"}"#));
    let known = concat!(
        "Xn8xGF7NfGa11+usjG+MBFOz6DJioFK8OY5oA9A2Pds9ZNhTcA2dQfccsRdqVN400Kx1VoKL7IorWXxLr9yuO3q0xebx5x7j",
        "QM1uFSlQuKKpsc4PIc0ZUn/xjmjDgq/YyDMgvcHDuG2LPjNOZvOuOjr3/emzMe/I3d3XByYxlMYd3zy06sSaFK3/3RwNIyQX",
        "vEAYFUfzk8paMerp4fpW2ykRKL/cWXL35f9dQrl6KEGHTmLJlDaLrYWHJP2Pn1OYyThVF7xX2wep9kGZ0/Q01upQJTpv3+mQ",
        "EtcPzcw2I6GEJEN3MJtvSyYDralqaXhGzujWbD81mBHpoOYuwnuJeg==",
    );
    assert_eq!(header(&headers, &SIGNATURE).unwrap(), format!("sig=:{known}:"));
    assert!(
        header(&headers, &SIGNATURE_INPUT).unwrap().starts_with(r#"sig=("@method" "@target-uri" "content-digest");"#)
    );
    assert_eq!(header(&headers, &CONTENT_DIGEST).unwrap(), "sha-256=:+ZTky2dalmccts03aOziJ1EoeYgHpj9zdy9ZSUjXBrI=:");
}

#[test]
fn the_target_is_what_is_sent_without_fragment_password_or_usual_port() {
    let uri = |url: &str| target_uri(&Url::parse(url).unwrap());
    assert_eq!(uri("https://api.example:443/a?b=c#d"), "https://api.example/a?b=c");
    assert_eq!(uri("http://u:p@[::1]:8080/a?"), "http://[::1]:8080/a?");
    assert_eq!(uri("https://api.example"), "https://api.example/");
}

#[test]
fn a_key_id_is_quoted_and_has_to_be_printable() {
    let signer = |id: &str| Signer::new(Arc::new(PrivateKey::parse(KEY).unwrap()), id).map(|signer| signer.key_id);
    assert_eq!(signer(r#"a "b" \"#).unwrap(), r#""a \"b\" \\""#);
    for id in ["é", "a\nb", "a\u{7f}"] {
        assert!(signer(id).is_err(), "{id:?}");
    }
}
