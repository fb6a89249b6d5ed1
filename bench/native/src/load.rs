//! A closed loop of bare reqwest: what Rust alone reaches on this machine. Bodies are read whole and not parsed.

use std::cell::{Cell, RefCell};
use std::fs;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Client;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::LocalSet;
use tokio::time::sleep;

use crate::Outcome;

struct Options {
    callers: usize,
    warm_up: Duration,
    measure: Duration,
    token: String,
    ca: String,
}

/// What the callers share: whether to go on, and how long each call took while it counted.
#[derive(Default)]
struct Board {
    is_over: Cell<bool>,
    is_counting: Cell<bool>,
    latencies: RefCell<Vec<Duration>>,
}

pub async fn load(url: &str, options: &[&str]) -> Outcome {
    let Options { callers, warm_up, measure, token, ca } = read_options(options)?;
    let client = Client::builder()
        .tls_backend_preconfigured(trusting(&ca)?)
        .http1_only()
        .no_proxy()
        .tcp_nodelay(true)
        .pool_max_idle_per_host(callers)
        .build()?;
    let board = Rc::new(Board::default());
    let url = reqwest::Url::parse(url)?;
    let authorization = reqwest::header::HeaderValue::from_str(&format!("Bearer {token}"))?;
    LocalSet::new()
        .run_until(async {
            let all: Vec<_> = (0..callers)
                .map(|_| {
                    tokio::task::spawn_local(call(client.clone(), url.clone(), authorization.clone(), board.clone()))
                })
                .collect();
            sleep(warm_up).await;
            board.is_counting.set(true);
            let (began, cpu) = (Instant::now(), cpu_time());
            sleep(measure).await;
            let (elapsed, cpu) = (began.elapsed(), cpu_time().saturating_sub(cpu));
            board.is_counting.set(false);
            board.is_over.set(true);
            for task in all {
                task.await??;
            }
            print(&mut board.latencies.borrow_mut(), elapsed, cpu);
            Ok(())
        })
        .await
}

async fn call(
    client: Client,
    url: reqwest::Url,
    authorization: reqwest::header::HeaderValue,
    board: Rc<Board>,
) -> Outcome {
    while !board.is_over.get() {
        let began = Instant::now();
        let request = client.get(url.clone()).header(reqwest::header::AUTHORIZATION, authorization.clone());
        request.send().await?.error_for_status()?.bytes().await?;
        if board.is_counting.get() {
            board.latencies.borrow_mut().push(began.elapsed());
        }
    }
    Ok(())
}

fn read_options(options: &[&str]) -> Result<Options, Box<dyn std::error::Error + Send + Sync>> {
    let value = |name: &str| {
        let pair = options.chunks_exact(2).find(|pair| pair[0] == name);
        pair.map(|pair| pair[1]).ok_or_else(|| format!("{name} is missing"))
    };
    Ok(Options {
        callers: value("--callers")?.parse()?,
        warm_up: Duration::from_millis(value("--warm-up")?.parse()?),
        measure: Duration::from_millis(value("--measure")?.parse()?),
        token: value("--token")?.to_owned(),
        ca: value("--ca")?.to_owned(),
    })
}

fn trusting(ca: &str) -> Result<ClientConfig, Box<dyn std::error::Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca)? {
        roots.add(certificate?)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}

/// This process's CPU time. Linux counts it in ticks of 10 ms; elsewhere it is not known, and 0.
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold blanks; user and system time are the 12th and 13th field behind it.
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        behind_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn print(latencies: &mut [Duration], elapsed: Duration, cpu: Duration) {
    latencies.sort_unstable();
    let calls = latencies.len();
    let quantile = |share: f64| {
        let index = (calls as f64 * share) as usize;
        latencies.get(index.min(calls.saturating_sub(1))).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    };
    println!(
        "{{\"callsPerSecond\":{},\"cpuMicros\":{},\"p50\":{},\"p99\":{}}}",
        calls as f64 / elapsed.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / calls.max(1) as f64,
        quantile(0.5),
        quantile(0.99),
    );
}
