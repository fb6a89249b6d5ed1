use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::time::Instant;

use super::*;
use crate::clock::SystemClock;
use crate::config::{Auth, ExtraRoots, Network, parse_base, parse_url};
use crate::credentials::ClientAuth;
use crate::secret::Secret;

const CALLS: usize = 300;
const TOKEN: &str = r#"{"access_token":"a-token","token_type":"Bearer","expires_in":300}"#;
const POOL: &str = r#"{"id":"0a1b2c3d-0000-4000-8000-000000000000","name":"Treasury","network":"ETHEREUM"}"#;

/// Answers for as long as the process lives; gives the origin.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(|| answer_all(stream.unwrap()));
        }
    });
    origin
}

fn answer_all(mut stream: TcpStream) {
    let mut requests = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    while requests.read_line(&mut line).unwrap_or(0) > 0 {
        let answer = if line.starts_with("POST /token ") { TOKEN } else { POOL };
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            requests.read_line(&mut line).unwrap();
            if let Some(declared) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = declared.trim().parse().unwrap();
            }
        }
        requests.read_exact(&mut vec![0; length]).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{answer}", answer.len()).unwrap();
        line.clear();
    }
}

fn client(origin: &str) -> Arc<Client> {
    let config = Config {
        auth: Auth::OAuth2,
        token_url: parse_url(&format!("{origin}/token"), "tokenUrl").unwrap(),
        scope: Vec::new(),
        base: parse_base(origin, "baseUrl").unwrap(),
        headers: HeaderMap::new(),
        user_agent: HeaderValue::from_static("layer1/test"),
        network: Network {
            connect_timeout: Duration::from_secs(5),
            max_connections: 128,
            roots: ExtraRoots::None,
            proxy: None,
            certificate: None,
        },
        max_response_bytes: 1 << 20,
    };
    let credentials = Credentials {
        client_id: "an-id".into(),
        client_secret: Some(Secret::new("a-secret".to_owned())),
        key: None,
        key_id: None,
        method: ClientAuth::SecretPost,
        has_certificate: false,
    };
    Arc::new(Client::new(config, credentials, Arc::new(SystemClock::new()), 1, None).unwrap())
}

fn get(path: String) -> Call {
    Call {
        method: Method::GET,
        path,
        query: None,
        headers: Vec::new(),
        body: None,
        limit: Limit { began: Instant::now(), timeout: Some(Duration::from_secs(30)) },
        max_retries: 2,
        idempotent: None,
        wanted: Wanted::Text,
        with_headers: false,
        listener: None,
    }
}

/// Also what `bench/callgrind.js` counts the instructions of: one call after the other, on one connection.
#[test]
fn calls_in_a_row_are_answered_with_one_token_and_kept_connections() {
    let client = client(&serve());
    for number in 0..CALLS {
        let (sender, receiver) = mpsc::channel();
        let call = Arc::clone(&client).call(get(format!("/api/v1/asset-pools/{number}")));
        runtime::submit(async move { sender.send(call.await).unwrap() }).unwrap();
        let answer = receiver.recv().unwrap().unwrap();
        assert!(matches!(answer.body, Body::Text(text) if text == POOL));
    }
    let stats = client.stats();
    assert_eq!((stats.requests, stats.token_requests, stats.retries), (CALLS as u64, 1, 0));
    // One for the token, and one for all calls: without a registry nothing is shared.
    assert_eq!(stats.open_connections, 2);
}
