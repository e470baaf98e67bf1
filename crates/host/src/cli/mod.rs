//! The command line of `cinema`: what it takes, and the commands that run it.

mod keys;
mod load;
mod tour;
mod up;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    process::ExitCode,
};

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
    Up(Up),
    /// Load sample data into a running cinema over its public API; again does no harm
    Sample(Sample),
    /// Make the keys that sign and verify tokens; without an option, only print them
    Keys(Keys),
}

/// The options of `cinema up`.
#[derive(Debug, Args)]
struct Up {
    /// The manifest, or the folder it is in
    #[arg(long, short, value_name = "PATH", default_value = "spin.toml")]
    from: PathBuf,

    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:3000", value_parser = address)]
    listen: SocketAddr,

    /// A file with lines SPIN_VARIABLE_<NAME>=value [default: .env beside the manifest, if there]
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,

    /// Where the store and the compile cache are [default: .spin beside the manifest]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,

    /// A variable's value, over the environment and the env file; can be given again
    #[arg(long = "variable", value_name = "NAME=VALUE")]
    variables: Vec<String>,

    /// How to log
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,

    /// The memory an instance of a component may take, in MiB
    #[arg(long, value_name = "MIB", default_value = "64", value_parser = clap::value_parser!(u16).range(1..))]
    instance_memory: u16,

    /// How long a request may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u16).range(1..))]
    timeout: u16,

    /// How many requests are worked on at once; past that, the answer is 503
    #[arg(long, value_name = "NUMBER", default_value = "100", value_parser = clap::value_parser!(u16).range(1..))]
    max_requests: u16,

    /// Load the sample data of this folder when there are no films yet
    #[arg(long, value_name = "DIR")]
    sample: Option<PathBuf>,

    /// Log no requests, only what goes wrong
    #[arg(long, short)]
    quiet: bool,
}

/// The options of `cinema sample`.
#[derive(Debug, Args)]
struct Sample {
    /// The address of the running cinema
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000", value_parser = web_address)]
    url: reqwest::Url,

    /// The folder of the sample data
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,

    /// The file with the first staff user, whom the environment may name, too
    #[arg(long, value_name = "FILE", default_value = ".env")]
    env_file: PathBuf,
}

/// The options of `cinema keys`.
#[derive(Debug, Args)]
struct Keys {
    /// The file with lines SPIN_VARIABLE_<NAME>=value, for its owner alone to read
    #[arg(long, value_name = "FILE", default_value = ".env")]
    env_file: PathBuf,

    /// Write keys and a first staff user into the file, where it has none
    #[arg(long, group = "change")]
    write: bool,

    /// Have a new key sign; the old ones are believed until they are retired
    #[arg(long, group = "change")]
    rotate: bool,

    /// Believe an old key no more
    #[arg(long, value_name = "KID", group = "change")]
    retire: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    /// One line a request, for people
    Text,
    /// One JSON object a line, for programs
    Json,
}

impl Cli {
    /// Runs the command. A failure is told in one line on standard error.
    pub async fn run(self) -> ExitCode {
        let result = match self.command {
            Command::Up(options) => up::run(options).await,
            Command::Sample(options) => load::run(options).await,
            Command::Keys(options) => keys::run(&options),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("cinema: {error:#}");
                ExitCode::FAILURE
            }
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let addresses = text
        .to_socket_addrs()
        .map_err(|e| format!("{e}; write it as 127.0.0.1:3000"))?;
    // `localhost` is often both; clients try the older one first when told 127.0.0.1.
    let addresses: Vec<_> = addresses.collect();
    (addresses.iter().find(|a| a.is_ipv4()))
        .or(addresses.first())
        .copied()
        .ok_or_else(|| "this name has no address".to_owned())
}

fn web_address(text: &str) -> Result<reqwest::Url, String> {
    match reqwest::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err("write it as http://127.0.0.1:3000".to_owned()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn addresses() {
        assert_eq!(address("127.0.0.1:80").unwrap().to_string(), "127.0.0.1:80");
        assert_eq!(address("[::1]:0").unwrap().to_string(), "[::1]:0");
        assert_eq!(address("localhost:3000").unwrap().port(), 3000);
        for text in ["", "3000", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:http"] {
            assert!(
                address(text).unwrap_err().contains("127.0.0.1:3000"),
                "{text}"
            );
        }
    }

    #[test]
    fn web_addresses() {
        assert_eq!(
            web_address("https://example.com/base").unwrap().path(),
            "/base"
        );
        for text in ["", "127.0.0.1:3000", "localhost:3000", "ftp://example.com"] {
            assert!(
                web_address(text)
                    .unwrap_err()
                    .contains("http://127.0.0.1:3000"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_readme() {
        let Command::Up(up) = Cli::parse_from(["cinema", "up"]).command else {
            panic!("up was asked for");
        };
        assert_eq!(up.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(up.from, PathBuf::from("spin.toml"));
        assert!(up.sample.is_none() && !up.quiet);
        let server = crate::server::ServeOptions::default();
        assert_eq!(usize::from(up.instance_memory) * 1024 * 1024, server.memory);
        assert_eq!(u64::from(up.timeout), server.time.as_secs());
        assert_eq!(usize::from(up.max_requests), server.in_flight);
    }
}
