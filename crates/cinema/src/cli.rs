//! The command line of `cinema`: its subcommands, each a module of its own with the options it takes.

use crate::{adopt, keys, sample, up};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Serves a Spin application on this machine.
#[derive(Debug, Parser)]
#[command(name = "cinema", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the application of a spin.toml until Ctrl-C
    Up(up::Options),
    /// Load sample data into a running cinema over its public API; again does no harm
    Sample(sample::Options),
    /// Make the keys that sign and verify tokens; without an option, only print them
    Keys(keys::Options),
    /// Bring documents that other programs wrote into the shape that the services read
    ///
    /// The settings name the store, as they do for the services. Without --write nothing is written: each collection is told of
    /// in a line, and each document that cannot be read with its id and why. A document is rewritten only where it still is as it
    /// was read, so this may be stopped, run again, and run beside live services; but the embedded store is for one program at a
    /// time. Fields that are not the services' own stay as they are. The exit code is 1 while documents are left that cannot be read.
    Adopt(adopt::Options),
}

impl Cli {
    /// Runs the command. A failure is told in one line on standard error.
    pub async fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Up(options) => up::run(options).await,
            Command::Sample(options) => sample::run(options).await,
            Command::Keys(options) => keys::run(&options),
            Command::Adopt(options) => adopt::run(options).await,
        };
        host::logs::drain();
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("cinema: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::path::PathBuf;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_readme() {
        let Command::Up(up) = Cli::parse_from(["cinema", "up"]).command else {
            panic!("up was asked for");
        };
        assert_eq!(up.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(up.settings.from, PathBuf::from("spin.toml"));
        assert!(up.sample.is_none() && !up.quiet);
        let server = host::server::ServeOptions::default();
        assert_eq!(usize::from(up.instance_memory) * 1024 * 1024, server.memory);
        assert_eq!(u64::from(up.timeout), server.time.as_secs());
        assert_eq!(u32::from(up.instance_requests), server.instance_requests);
        assert_eq!(usize::from(up.max_requests), server.in_flight);
    }
}
