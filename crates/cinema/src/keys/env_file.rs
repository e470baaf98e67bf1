//! A `.env` file with secrets: read as Spin reads it, changed line by line, and nobody's to read but its owner's.

use anyhow::{Context as _, Result, bail};
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// For the owner alone.
const MODE: u32 = 0o600;

/// The file, read whole.
pub struct EnvFile {
    path: PathBuf,
    text: String,
    values: BTreeMap<String, String>,
}

impl EnvFile {
    /// Reads a file, which need not be there yet.
    ///
    /// # Errors
    /// Where it can't be read, or has a line that is not `NAME=VALUE`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let values = parse(&text).with_context(|| path.display().to_string())?;
        // What is written takes the place of the file itself, and not of a link to it.
        let led_to = |_| fs::read_link(path).map(|to| path.with_file_name(to));
        let target = fs::canonicalize(path).or_else(led_to);
        Ok(Self {
            path: target.unwrap_or_else(|_| path.to_owned()),
            text,
            values,
        })
    }

    /// A value; what is empty is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// Sets a value: in its line, where there is one, or else in a line at the end.
    ///
    /// # Errors
    /// Where the file could then not be read as it is meant: nothing is changed.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        if value.contains(['\'', '\n', '\r']) {
            bail!("a value of {name} can't be written in single quotes");
        }
        let new = format!("{name}='{value}'");
        let mut lines: Vec<&str> = self.text.lines().collect();
        match lines.iter().position(|line| name_of(line) == Some(name)) {
            Some(at) => lines[at] = &new,
            None => lines.push(&new),
        }
        let text = lines.join("\n") + "\n";
        let mut expected = self.values.clone();
        expected.insert(name.to_owned(), value.to_owned());
        if parse(&text).ok().as_ref() != Some(&expected) {
            bail!("{name} can't be changed there: write it in one line, once, without ${{…}}");
        }
        (self.text, self.values) = (text, expected);
        Ok(())
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self) -> Result<()> {
        let cannot = || format!("cannot write {}", self.path.display());
        let beside = self.path.with_added_extension("new");
        // What an earlier try left behind may be anybody's to read.
        if let Err(error) = fs::remove_file(&beside)
            && error.kind() != ErrorKind::NotFound
        {
            return Err(error).with_context(cannot);
        }
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(&beside);
        let mut file = file.with_context(cannot)?;
        file.write_all(self.text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&beside, &self.path))
            .with_context(cannot)
    }

    /// Takes the right to read it from everybody else, where they have it. Says whether they had.
    ///
    /// # Errors
    /// Where the file is not there, or not ours.
    pub fn close(&self) -> Result<bool> {
        let cannot = || format!("cannot keep {} to its owner", self.path.display());
        let mode = fs::metadata(&self.path)
            .with_context(cannot)?
            .permissions()
            .mode();
        if mode & 0o077 == 0 {
            return Ok(false);
        }
        fs::set_permissions(&self.path, fs::Permissions::from_mode(MODE)).with_context(cannot)?;
        Ok(true)
    }
}

fn name_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    Some(line.split_once('=')?.0.trim())
}

fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    (1..)
        .zip(dotenvy::from_read_iter(text.as_bytes()))
        // The error itself would show the line, which may hold a secret.
        .map(|(number, line)| {
            line.ok()
                .with_context(|| format!("entry {number} is not NAME=VALUE"))
        })
        .collect()
}
