//! `cinema up`: serves the application of a manifest until it is told to stop.
//!
//! - `stop`: being told to stop
//! - `tour`: what a newcomer is told

mod stop;
mod tour;

use crate::{
    application::{self, Settings},
    sample::{Client, Staff, load_folder},
};
use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use host::{
    logs,
    manifest::Route,
    server::{self, Pattern, ServeOptions},
    traces::Traces,
};
use ipnet::IpNet;
use std::{
    future,
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _},
    path::{Path, PathBuf},
    time::Duration,
};
use stop::StopSignals;
use tour::tour;

/// The options of `cinema up`.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub settings: Settings,

    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:3000", value_parser = address)]
    pub listen: SocketAddr,

    /// Where to tell what is counted, for Prometheus, at /metrics; port 0 takes any free one
    #[arg(long, value_name = "HOST:PORT", value_parser = address)]
    pub metrics: Option<SocketAddr>,

    /// How to log
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,

    /// The memory an instance of a component may take, in MiB
    #[arg(long, value_name = "MIB", default_value = "64", value_parser = clap::value_parser!(u16).range(1..))]
    pub instance_memory: u16,

    /// How long a request may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u16).range(1..))]
    pub timeout: u16,

    /// How many requests an instance of a component serves, one after another; 1 gives each its own, as Spin does
    #[arg(long, value_name = "NUMBER", default_value = "128", value_parser = clap::value_parser!(u16).range(1..))]
    pub instance_requests: u16,

    /// How many requests are worked on at once; past that, the answer is 503
    #[arg(long, value_name = "NUMBER", default_value = "128", value_parser = clap::value_parser!(u16).range(1..))]
    pub max_requests: u16,

    /// How many connections there are at once, of one address half of them; past that, one that is idle gives way
    #[arg(long, value_name = "NUMBER", default_value = "1000", value_parser = clap::value_parser!(u16).range(1..))]
    max_connections: u16,

    /// The addresses and networks of proxies: what they say of a client is believed, and they are not bounded themselves
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',', default_value = "127.0.0.0/8,::1", value_parser = network)]
    trusted_proxies: Vec<IpNet>,

    /// Requests that have places of their own, since they ask how the application is
    #[arg(
        long,
        value_name = "REQUESTS",
        value_delimiter = ',',
        default_value = "GET /:service/healthz,GET /:service/healthy,POST /grpc.health.v1.Health/Check"
    )]
    probes: Vec<Pattern>,

    /// Requests of which four are worked on at once, since they cost much; the others wait for a moment
    #[arg(
        long,
        value_name = "REQUESTS",
        value_delimiter = ',',
        default_value = "POST /auth/login,POST /auth/reset,POST /users,PUT /users/:id/password,\
            POST /cinema.v1.Auth/Login,POST /cinema.v1.Auth/Reset,\
            POST /cinema.v1.Users/CreateUser,POST /cinema.v1.Users/ChangePassword"
    )]
    costly: Vec<Pattern>,

    /// Requests that one address sends only so often
    #[arg(
        long,
        value_name = "REQUESTS",
        value_delimiter = ',',
        default_value = "POST /auth/...,POST /users,PUT /users/:id/password,\
            POST /cinema.v1.Auth/Login,POST /cinema.v1.Auth/Refresh,POST /cinema.v1.Auth/Logout,POST /cinema.v1.Auth/Reset,\
            POST /cinema.v1.Users/CreateUser,POST /cinema.v1.Users/ChangePassword"
    )]
    limit: Vec<Pattern>,

    /// How often, in a minute; past that, the answer is 429
    #[arg(long, value_name = "NUMBER", default_value = "60", value_parser = clap::value_parser!(u32).range(1..))]
    limit_rate: u32,

    /// Load the sample data of this folder when there are no films yet
    #[arg(long, value_name = "DIR")]
    pub sample: Option<PathBuf>,

    /// Log no requests, only what goes wrong
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    /// One line a request, for people
    Text,
    /// One JSON object a line, for programs
    Json,
}

/// Serves until Ctrl-C or a SIGTERM, and then lets the requests in flight finish.
pub async fn run(options: Options) -> Result<()> {
    // Before the components are compiled, which takes a while: what nobody listens for is lost on a process with the id 1.
    let mut stop = StopSignals::listen()?;
    logs::init(match options.log_format {
        LogFormat::Text => logs::Format::Text,
        LogFormat::Json => logs::Format::Json,
    });
    let app = application::load(&options.settings)?;
    application::missing_files(&app)?;
    let traces = Traces::start(&app.name)?;
    let routes: Vec<Route> = app.routes.routes().cloned().collect();
    let staff = application::staff(&app);
    let state_dir = options.settings.state_dir(&app);
    let serving = server::serve(
        app,
        ServeOptions {
            listen: options.listen,
            metrics: options.metrics,
            state_dir,
            log_requests: !options.quiet,
            memory: usize::from(options.instance_memory) * 1024 * 1024,
            time: Duration::from_secs(options.timeout.into()),
            instance_requests: options.instance_requests.into(),
            in_flight: options.max_requests.into(),
            connections: options.max_connections.into(),
            trusted_proxies: options.trusted_proxies,
            probes: options.probes,
            costly: options.costly,
            limited: options.limit,
            rate: options.limit_rate,
            ..ServeOptions::default()
        },
    );
    let running = tokio::select! {
        running = serving => running?,
        // Nobody is served yet, so this is as clean a stop as any.
        () = stop.received() => return Ok(()),
    };
    say(&format!("Serving http://{}\n", running.address()));
    if let Some(address) = running.metrics() {
        say(&format!("Metrics at http://{address}/metrics\n"));
    }

    let greeting = async {
        if let Some(folder) = &options.sample
            && let Err(error) = greet(running.address(), folder, &routes, staff).await
        {
            eprintln!("cinema: {error:#}");
        }
        future::pending().await
    };
    tokio::select! {
        () = stop.received() => {}
        () = greeting => {}
    }
    tokio::select! {
        () = running.stop() => {}
        // Told twice: at once, then.
        () = stop.received() => return Ok(()),
    }
    if let Some(traces) = traces {
        traces.stop().await;
    }
    Ok(())
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

/// A network, or an address by itself.
fn network(text: &str) -> Result<IpNet, String> {
    let alone = || text.parse().ok().map(|address: IpAddr| address.into());
    (text.parse().ok())
        .or_else(alone)
        .ok_or_else(|| "write it as 10.0.0.0/8, or as an address".to_owned())
}

/// Loads the sample data where there are no films yet, and shows what can be done.
async fn greet(
    address: SocketAddr,
    folder: &Path,
    routes: &[Route],
    staff: Option<Staff>,
) -> Result<()> {
    let client = Client::new(format!("http://{}", reachable(address)).parse()?)?;
    // The client's own requests are not worth a line each.
    let quiet = logs::pause_requests();
    let Some(staff) = staff else {
        let tour = tour(&client, routes, false).await?;
        drop(quiet);
        say(&tour);
        return Ok(());
    };
    let client = client
        .sign_in(staff)
        .await
        .context("the sample data is not loaded")?;
    if client
        .first::<serde_json::Value>("/movies?limit=1")
        .await?
        .is_empty()
    {
        let report = load_folder(&client, folder)
            .await
            .context("the sample data is not all loaded; `make sample` goes on with it")?;
        say(&format!("Sample data: {report}\n"));
    }
    let tour = tour(&client, routes, true).await?;
    drop(quiet);
    say(&tour);
    Ok(())
}

/// An address that can be asked, where all of the machine's are listened at.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    address
}

/// Writes to standard output at once. Nobody reading it is no reason to stop serving.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_asked_at_the_local_one() {
        let asked = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(asked("[::]:80"), "[::1]:80");
        assert_eq!(asked("10.0.0.1:80"), "10.0.0.1:80");
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
}
