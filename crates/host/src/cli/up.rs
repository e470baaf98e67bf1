//! `cinema up`: serves the application of a manifest until it is told to stop.

use super::{LogFormat, Up, load::load, tour::tour};
use crate::{
    logs,
    manifest::{self, App, Route, Sources},
    sample::{Client, Staff},
    server::{self, ServeOptions},
};
use anyhow::{Context as _, Result, bail};
use std::{
    collections::BTreeMap,
    future,
    io::{self, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Serves until Ctrl-C or a SIGTERM, and then lets the requests in flight finish.
pub(super) async fn run(options: Up) -> Result<()> {
    logs::init(match options.log_format {
        LogFormat::Text => logs::Format::Text,
        LogFormat::Json => logs::Format::Json,
    });
    let app = application(&options)?;
    let routes: Vec<Route> = app.routes.routes().cloned().collect();
    let staff = staff(&app);
    let state_dir = options
        .state_dir
        .unwrap_or_else(|| app.directory.join(".spin"));
    let running = server::serve(
        app,
        ServeOptions {
            listen: options.listen,
            state_dir,
            log_requests: !options.quiet,
            memory: usize::from(options.instance_memory) * 1024 * 1024,
            time: Duration::from_secs(options.timeout.into()),
            in_flight: options.max_requests.into(),
            ..ServeOptions::default()
        },
    )
    .await?;
    // Listened for before anybody is told that we serve, so that whoever is told can stop us.
    let mut stop = StopSignals::listen()?;
    say(&format!("Serving http://{}\n", running.address()));

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
        () = stop.received() => {}
    }
    Ok(())
}

/// Ctrl-C, and what a supervisor stops a process with.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for Ctrl-C");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The application the options name, with its settings.
fn application(options: &Up) -> Result<App> {
    let path = if options.from.is_dir() {
        options.from.join("spin.toml")
    } else {
        options.from.clone()
    };
    let mut sources = Sources {
        env_file: options.env_file.clone(),
        ..Sources::of_process()
    };
    sources.given = given(&options.variables)?;
    let app = manifest::load(&path, &sources)?;
    for duplicate in app.routes.duplicates() {
        eprintln!("cinema: {}: {duplicate}", path.display());
    }
    missing_files(&app)?;
    Ok(app)
}

/// What `--variable` was given. Errors count the options, since to repeat one could show a secret.
fn given(variables: &[String]) -> Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for (number, variable) in (1..).zip(variables) {
        match variable.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                values.insert(name.to_owned(), value.to_owned())
            }
            _ => bail!("the {number}. --variable is not NAME=VALUE"),
        };
    }
    Ok(values)
}

/// Names every file at once that is still to be built.
fn missing_files(app: &App) -> Result<()> {
    let dependencies = |component: &manifest::Component| -> Vec<PathBuf> {
        component
            .dependencies
            .iter()
            .map(|(_, dependency)| dependency.path.clone())
            .collect()
    };
    let missing: Vec<String> = (app.components.iter())
        .flat_map(|component| [vec![component.source.clone()], dependencies(component)].concat())
        .filter(|path| !path.is_file())
        .map(|path| path.display().to_string())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "these components are not built: {}; `make build` builds them",
        missing.join(", ")
    )
}

/// The first staff user, as the application's settings name them.
fn staff(app: &App) -> Option<Staff> {
    let set = |component: &manifest::Component, name| {
        let value = component.variables.get(name)?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    app.components.iter().find_map(|component| {
        Some(Staff {
            username: set(component, "first_staff_username")?,
            password: set(component, "first_staff_password")?,
        })
    })
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
        let report = load(&client, folder)
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
    fn variables_are_split_at_the_first_equals_sign() {
        let values = given(&["a=b=c".to_owned(), "b=".to_owned()]).unwrap();
        assert_eq!(values["a"], "b=c");
        assert_eq!(values["b"], "");
        for bad in ["s3cr3t", "=s3cr3t"] {
            let error = given(&["a=1".to_owned(), bad.to_owned()])
                .unwrap_err()
                .to_string();
            assert!(error.contains("2.") && !error.contains("s3cr3t"), "{error}");
        }
    }

    #[test]
    fn all_addresses_are_asked_at_the_local_one() {
        let asked = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(asked("[::]:80"), "[::1]:80");
        assert_eq!(asked("10.0.0.1:80"), "10.0.0.1:80");
    }
}
