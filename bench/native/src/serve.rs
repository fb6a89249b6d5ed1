//! The stand-in for nginx: answers from memory, over HTTP/1.1.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::Outcome;

/// What is answered, by path.
type Answers = Arc<HashMap<String, Bytes>>;

pub async fn serve(directory: &Path) -> Outcome {
    let answers = Arc::new(read_answers(directory)?);
    let tls = read_tls(directory)?;
    let plain_listener = TcpListener::bind("127.0.0.1:0").await?;
    let tls_listener = TcpListener::bind("127.0.0.1:0").await?;
    let (plain, secure) = (plain_listener.local_addr()?.port(), tls_listener.local_addr()?.port());
    println!("{{\"plain\":{plain},\"tls\":{secure}}}");
    // Whoever started this holds the other end: however it ends, this ends too.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    tokio::join!(accept_plain(plain_listener, answers.clone()), accept_tls(tls_listener, tls, answers));
    Ok(())
}

async fn accept_plain(listener: TcpListener, answers: Answers) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(undelayed(stream), answers.clone()));
        }
    }
}

async fn accept_tls(listener: TcpListener, acceptor: TlsAcceptor, answers: Answers) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answers) = (acceptor.clone(), answers.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(undelayed(stream)).await {
                    converse(stream, answers).await;
                }
            });
        }
    }
}

fn undelayed(stream: TcpStream) -> TcpStream {
    let _ = stream.set_nodelay(true);
    stream
}

/// Serves one connection to its end; how it ends is the client's affair.
async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin, answers: Answers) {
    let service = service_fn(move |request| answer(request, answers.clone()));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, answers: Answers) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let _ = body.collect().await;
    if head.uri.path() == "/silent" {
        std::future::pending::<()>().await;
    }
    let found = answers.get(head.uri.path());
    let mut response = Response::new(Full::new(found.cloned().unwrap_or_default()));
    if found.is_none() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn read_answers(directory: &Path) -> Result<HashMap<String, Bytes>, std::io::Error> {
    let mut answers = HashMap::from([("/token".to_owned(), Bytes::from(fs::read(directory.join("token.json"))?))]);
    for entry in fs::read_dir(directory.join("body"))? {
        let entry = entry?;
        let path = format!("/body/{}", entry.file_name().to_string_lossy());
        answers.insert(path, Bytes::from(fs::read(entry.path())?));
    }
    Ok(answers)
}

fn read_tls(directory: &Path) -> Result<TlsAcceptor, Box<dyn std::error::Error + Send + Sync>> {
    let chain = CertificateDer::pem_file_iter(directory.join("server.pem"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(directory.join("server.key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
