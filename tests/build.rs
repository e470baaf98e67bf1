//! Makes tonic's clients of the contract, without a `protoc` on the machine.

use std::{error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let contract = "../proto/cinema/v1";
    println!("cargo::rerun-if-changed={contract}");
    let files: Result<Vec<_>, _> = fs::read_dir(contract)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let descriptors = protox::compile(files?, ["../proto"])?;
    tonic_prost_build::configure()
        .build_server(false)
        .build_transport(false)
        .compile_fds(descriptors)?;
    Ok(())
}
