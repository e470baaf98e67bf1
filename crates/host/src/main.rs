//! `cinema`, the bundled host: serves this project's `spin.toml` where the Spin CLI is not installed.

use clap::Parser as _;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    host::cli::Cli::parse().run().await
}
