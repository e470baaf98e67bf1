//! The files, each at an address that has its hash.

use std::{error::Error, fmt::Write, fs, path::Path};

use sha2::{Digest, Sha256};

/// A constant for each file's address, named as the file is, and a list of all.
pub fn generated(folder: &Path) -> Result<String, Box<dyn Error>> {
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let (mut constants, mut list) = (String::new(), String::new());
    for file in files {
        let name = file
            .file_name()
            .into_string()
            .map_err(|name| format!("{name:?} is no name"))?;
        let (stem, ending) = name
            .split_once('.')
            .ok_or_else(|| format!("{name} has no ending"))?;
        let media = match ending {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            other => return Err(format!("nobody knows what .{other} is").into()),
        };
        let hash = hex::encode(Sha256::digest(fs::read(file.path())?));
        let known = format!("{stem}.{}.{ending}", &hash[..12]);
        let constant = format!("{stem}_{ending}").to_uppercase();
        writeln!(
            constants,
            "pub const {constant}: &str = \"/assets/{known}\";"
        )?;
        writeln!(
            list,
            "    ({known:?}, {media:?}, include_str!({:?})),",
            file.path()
        )?;
    }
    Ok(format!(
        "{constants}\npub const FILES: &[(&str, &str, &str)] = &[\n{list}];\n"
    ))
}
