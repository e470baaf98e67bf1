//! Makes Rust of the contract, without a `protoc` on the machine.

use std::{env, error::Error, fs, path::Path};

use prost::Message;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = "cinema/v1";
    println!("cargo::rerun-if-changed={folder}");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    let mut contract = protox::compile(files, ["."])?;
    prost_build::Config::new().compile_fds(contract.clone())?;
    // Reflection tells of names and types; the comments would be most of it.
    for file in &mut contract.file {
        file.source_code_info = None;
    }
    let out = env::var_os("OUT_DIR").ok_or("cargo names no folder")?;
    fs::write(
        Path::new(&out).join("contract.bin"),
        contract.encode_to_vec(),
    )?;
    Ok(())
}
