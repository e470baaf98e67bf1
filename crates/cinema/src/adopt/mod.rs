//! `cinema adopt`: brings documents that other programs wrote into the one shape that the services read.
//!
//! - `values`: what other programs mean by their values
//! - `shape`: what makes a document well, and what of a foreign one is rewritten
//! - `collections`: the shape of each collection's documents
//! - `store`: the way to the store
//! - `pass`: once through a collection
//! - `json`: the files of the system that this one descends from

mod collections;
mod json;
mod pass;
mod shape;
mod store;
#[cfg(test)]
mod tests;
mod values;

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use host::logs;
use indicatif::{ProgressBar, ProgressStyle};

use crate::application::{self, Settings};
use pass::Pass;

/// The options of `cinema adopt`.
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    settings: Settings,

    /// Rewrite what is foreign; without it, only say what would be
    #[arg(long)]
    write: bool,

    /// Take in the films, users, showtimes and bookings of umermansoor/microservices: the folder of its JSON files. What was
    /// taken in before is found there
    #[arg(long, value_name = "DIR")]
    from_json: Option<PathBuf>,
}

/// Goes through the store, and tells of it on standard output.
pub async fn run(options: Options) -> Result<()> {
    logs::init(logs::Format::Text);
    let app = application::load(&options.settings)?;
    let files = options.from_json.as_deref().map(json::read).transpose()?;
    let state_dir = options.settings.state_dir(&app);
    let client = store::open(app, &state_dir)?;
    client.ping().await?;
    let (mut unreadable, mut out) = (0, io::stdout());
    if let Some(documents) = files {
        let bar = bar("files", Some(documents.len() as u64))?;
        let report = json::adopt(&client, documents, options.write, &bar, &mut out).await?;
        bar.finish_and_clear();
        writeln!(out, "files: {report}")?;
        unreadable += report.unreadable;
    } else {
        for name in collections::FOREIGN.into_iter().chain(collections::OURS) {
            let bar = bar(name, None)?;
            let pass = Pass::new(&client, name, options.write, &bar, &mut out);
            if let Some(count) = pass.count().await {
                bar.set_length(count);
            }
            let report = pass.run().await?;
            bar.finish_and_clear();
            writeln!(out, "{name}: {report}")?;
            unreadable += report.unreadable;
        }
    }
    if unreadable > 0 {
        bail!(
            "documents that cannot be read: {unreadable}; mend or remove them, and run this again"
        );
    }
    Ok(())
}

/// A progress bar where standard error is a terminal.
fn bar(name: &'static str, length: Option<u64>) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg:12} [{bar:40}] {pos}/{len}")
        .context("the progress bar")?
        .progress_chars("=> ");
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    Ok(bar.with_style(style).with_message(name))
}
