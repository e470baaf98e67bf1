//! `cinema sample`, and the same at the end of `cinema up --sample`.

use super::Sample;
use crate::sample::{self, Client, Report, SampleData};
use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use time::OffsetDateTime;

/// Loads the sample data of a folder into the cinema at an address.
pub(super) async fn run(options: Sample) -> Result<()> {
    let client = Client::new(options.url)?;
    let report = load(&client, &options.data).await?;
    println!("Sample data at {}: {report}", client.base());
    Ok(())
}

/// Loads the data of a folder, with a progress bar where standard error is a terminal.
pub(super) async fn load(client: &Client, folder: &Path) -> Result<Report> {
    // Days as the services count them, which know no time zone.
    let data = SampleData::read(folder, OffsetDateTime::now_utc().date())?;
    let bar = ProgressBar::new(data.len() as u64);
    bar.set_style(
        ProgressStyle::with_template("Sample data  [{bar:40}] {pos}/{len}  {msg}")
            .context("the progress bar")?
            .progress_chars("=> "),
    );
    let result = sample::load(client, &data, &bar).await;
    bar.finish_and_clear();
    result
}
