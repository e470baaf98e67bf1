//! Folders and files that are their owner's alone: a store has everybody's password hashes, and what is compiled is run as it is.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions},
    io,
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::Path,
};

/// The rights of the group and of everybody else.
const OTHERS: u32 = 0o077;

/// The mark of a folder in which everybody has things of their own, such as `/tmp`.
const SHARED: u32 = 0o1000;

/// Makes a folder, where there is none, and takes from others what rights they have in it.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    close(path)
}

/// Opens a file to read and write, made where there is none, and takes from others what rights they have in it.
pub fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    let file = options.truncate(false).open(path)?;
    close(path)?;
    Ok(file)
}

/// Takes from others what rights they have. What is not ours, such as the mount point of a volume, stays as it is.
pub fn close(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?;
    let mode = found.mode();
    if !ours(&found) || mode & OTHERS == 0 || mode & SHARED != 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode & 0o7777 & !OTHERS))
}

/// Whether this is ours, and nobody else has any right in it.
pub fn is(found: &Metadata) -> bool {
    ours(found) && found.mode() & OTHERS == 0
}

fn ours(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw()
}
