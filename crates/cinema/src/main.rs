//! `cinema`: serves this project's application where the Spin CLI is not installed, and makes what it needs to begin with.
//!
//! - `cli`: the command line, whose subcommands are:
//! - `up`: serves the application, by the crate `host`
//! - `sample`: loads the sample data into any running instance, over its public API
//! - `keys`: makes the keys that sign and verify tokens, and a first staff user
//! - `adopt`: brings documents that other programs wrote into the shape that the services read
//! - `application`: the application of a manifest, with its settings

mod adopt;
mod application;
mod cli;
mod keys;
mod sample;
mod up;

use clap::Parser as _;
use mimalloc::MiMalloc;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Instances come and go by the thousand a second, on all threads, which this allocator takes better than the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cinema: no threads can be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(cli.run());
    // Whatever is still being compiled is not waited for.
    runtime.shutdown_background();
    code
}
