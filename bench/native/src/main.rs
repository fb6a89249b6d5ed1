//! What the bench needs besides Node, in one program:
//!
//! - `certificates DIRECTORY` makes `ca.pem`, `server.pem` and `server.key` for loopback;
//! - `serve DIRECTORY` answers with the files of `DIRECTORY/body` and with `DIRECTORY/token.json`, on a plain and a TLS
//!   port, which it prints as JSON, until its standard input ends;
//! - `load URL --callers N …` is a closed loop of bare reqwest, and prints its figures as JSON.

mod certificates;
mod load;
mod serve;

use std::error::Error;
use std::path::Path;

pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["certificates", directory] => certificates::write(Path::new(directory)),
        ["serve", directory] => on_one_thread(serve::serve(Path::new(directory))),
        ["load", url, ref options @ ..] => on_one_thread(load::load(url, options)),
        _ => Err("usage: layer1-bench certificates DIRECTORY | serve DIRECTORY | load URL [OPTION VALUE]…".into()),
    }
}

/// One thread for either side: that is what layer1's I/O thread and an nginx with one worker have.
fn on_one_thread(work: impl Future<Output = Outcome>) -> Outcome {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
