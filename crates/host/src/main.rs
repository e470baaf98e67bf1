//! `cinema`, the bundled host: serves this project's `spin.toml` where the Spin CLI is not installed.

use clap::Parser as _;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Instances come and go by the thousand a second, on all threads, which this allocator takes better than the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    host::cli::Cli::parse().run().await
}
