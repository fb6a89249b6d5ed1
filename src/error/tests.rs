use super::*;

fn refusal(status: u16, error: Option<&str>, description: Option<&str>) -> AuthRefusal {
    AuthRefusal {
        status,
        error: error.map(str::to_owned),
        description: description.map(str::to_owned),
        uri: None,
        detail: None,
        retryable: status >= 500,
        retry_after: None,
        what_to_check: "LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET",
        origin: "https://auth.sandbox.layer1.com".into(),
    }
}

#[test]
fn refused_credentials_say_what_the_endpoint_said_and_what_to_check() {
    let refused =
        refusal(401, Some("unauthorized_client"), Some("Invalid client or Invalid client credentials")).to_string();
    assert_eq!(
        refused,
        "Layer1 refused the credentials (401 unauthorized_client: Invalid client or Invalid client \
         credentials). Check LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET for https://auth.sandbox.layer1.com."
    );
}

#[test]
fn a_refused_scope_names_the_scope_option() {
    assert!(refusal(400, Some("invalid_scope"), None).to_string().contains("LAYER1_SCOPE"));
}

#[test]
fn an_overloaded_token_endpoint_is_retryable_and_says_so() {
    let error = Error::Auth(Box::new(refusal(503, None, None)));
    assert!(error.is_retryable());
    assert!(error.at(Endpoint::Token, 1).to_string().contains("may work again later"));
}

#[test]
fn a_connection_error_names_the_peer_and_the_setting_of_its_endpoint() {
    let error = Error::Connection {
        was_sent: true,
        fault: ConnectionFault::Connect,
        peer: Peer { host: "api.example".into(), port: 443 },
        detail: "connection refused".into(),
    };
    let sentence = error.clone().at(Endpoint::Api, 1).to_string();
    assert!(sentence.contains("api.example:443") && sentence.contains("LAYER1_BASE_URL"), "{sentence}");
    assert!(error.at(Endpoint::Token, 1).to_string().contains("LAYER1_TOKEN_URL"));
}

#[test]
fn only_what_may_pass_by_itself_is_retryable() {
    let api = |status| Error::Api(Box::new(ApiRefusal { status, headers: Vec::new(), body: String::new() }));
    for status in [408, 429, 500, 502, 503, 504] {
        assert!(api(status).is_retryable(), "{status}");
    }
    for status in [400, 401, 403, 404, 409, 412, 501] {
        assert!(!api(status).is_retryable(), "{status}");
    }
    assert!(!Error::Config("x".into()).is_retryable());
}
