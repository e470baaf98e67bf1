//! `cinema sample`, and the same at the end of `cinema up --sample`.

use super::Sample;
use crate::{
    keys::{EnvFile, STAFF_PASSWORD, STAFF_USERNAME},
    sample::{self, Client, Report, SampleData, Staff},
};
use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::{env, path::Path};
use time::OffsetDateTime;

/// Loads the sample data of a folder into the cinema at an address.
pub(super) async fn run(options: Sample) -> Result<()> {
    let client = Client::new(options.url)?;
    let staff = staff(&options.env_file)?.with_context(|| {
        format!(
            "only staff may load: set {STAFF_USERNAME} and {STAFF_PASSWORD}, here or in {}",
            options.env_file.display()
        )
    })?;
    let client = client.sign_in(staff).await?;
    let report = load(&client, &options.data).await?;
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
