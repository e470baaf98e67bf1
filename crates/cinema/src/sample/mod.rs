//! `cinema sample`: films, a programme, users and their bookings, loaded over the public API into any running cinema.
//!
//! - `data`: the files, and their references to one another
//! - `connection`: the way to a cinema
//! - `staff`: signing in to it
//! - `client`: its API
//! - `load`: makes what is missing, and only that, so that it can be repeated

mod client;
mod connection;
mod data;
mod load;
mod staff;
#[cfg(test)]
mod tests;

use crate::keys::{EnvFile, STAFF_PASSWORD, STAFF_USERNAME};
use anyhow::{Context as _, Result};
use clap::Args;
use data::SampleData;
use indicatif::{ProgressBar, ProgressStyle};
use load::Report;
use reqwest::Url;
use std::{
    env,
    path::{Path, PathBuf},
};
use time::OffsetDateTime;

pub use client::Client;
pub use staff::Staff;

/// The options of `cinema sample`.
#[derive(Debug, Args)]
pub struct Options {
    /// The address of the running cinema
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:3000", value_parser = web_address)]
    url: Url,

    /// The folder of the sample data
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,

    /// The file with the first staff user, whom the environment may name, too
    #[arg(long, value_name = "FILE", default_value = ".env")]
    env_file: PathBuf,
}

/// Loads the sample data of a folder into the cinema at an address.
pub async fn run(options: Options) -> Result<()> {
    let client = Client::new(options.url)?;
    let staff = staff(&options.env_file)?.with_context(|| {
        format!(
            "only staff may load: set {STAFF_USERNAME} and {STAFF_PASSWORD}, here or in {}",
            options.env_file.display()
        )
    })?;
    let client = client.sign_in(staff).await?;
    let report = load_folder(&client, &options.data).await?;
    println!("Sample data at {}: {report}", client.base());
    Ok(())
}

/// The first staff user, as the environment or else the file names them.
fn staff(env_file: &Path) -> Result<Option<Staff>> {
    let file = EnvFile::read(env_file)?;
    let set = |name: &str| {
        let here = env::var(name).ok().filter(|value| !value.is_empty());
        here.or_else(|| file.get(name).map(str::to_owned))
    };
    let both = set(STAFF_USERNAME).zip(set(STAFF_PASSWORD));
    Ok(both.map(|(username, password)| Staff { username, password }))
}

/// Loads the data of a folder, with a progress bar where standard error is a terminal.
pub async fn load_folder(client: &Client, folder: &Path) -> Result<Report> {
    // Nobody says here which time zone the cinema is in: the project's own data begins a day later.
    let data = SampleData::read(folder, OffsetDateTime::now_utc().date())?;
    let bar = ProgressBar::new(data.len() as u64);
    bar.set_style(
        ProgressStyle::with_template("Sample data  [{bar:40}] {pos}/{len}  {msg}")
            .context("the progress bar")?
            .progress_chars("=> "),
    );
    let result = load::load(client, &data, &bar).await;
    bar.finish_and_clear();
    result
}

fn web_address(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err("write it as http://127.0.0.1:3000".to_owned()),
    }
}
