//! The program `data-api-gateway`.

use std::{io::Read as _, process::ExitCode};

use clap::{Parser, Subcommand};
use gateway::{
    access::{Granted, hash_password, new_key},
    check, http, logs,
    settings::{Options, Settings},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// MongoDB's Data API in front of any MongoDB
#[derive(Parser)]
#[command(name = "data-api-gateway", version)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests
    Serve(Box<Options>),
    /// Say whether each deployment answers, its version, and whose rights the connection has
    Check(Box<Options>),
    /// Keys for programs
    #[command(subcommand)]
    Key(Key),
    /// Users with a password
    #[command(subcommand)]
    User(User),
}

#[derive(Subcommand)]
enum Key {
    /// Print a key, once, and on standard error its entry for the file
    New(New),
}

#[derive(Subcommand)]
enum User {
    /// Read a password from standard input, and print the user's entry for the file
    New(New),
}

#[derive(clap::Args)]
struct New {
    /// Whose it is
    #[arg(long)]
    name: String,
    #[command(flatten)]
    granted: Granted,
}

fn main() -> ExitCode {
    match run(Line::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("data-api-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(options) => {
            let settings = Settings::load(&options)?;
            logs::init(&settings)?;
            runtime()?.block_on(http::serve(settings))
        }
        Command::Check(options) => runtime()?.block_on(check::run(Settings::load(&options)?)),
        Command::Key(Key::New(new)) => {
            let (key, entry) = new_key(&new.name, &new.granted)?;
            // Apart, so that each can go where it belongs.
            println!("{key}");
            eprint!("{entry}");
            Ok(())
        }
        Command::User(User::New(new)) => {
            let mut password = String::new();
            std::io::stdin().read_to_string(&mut password)?;
            let password = password.trim_end_matches(['\r', '\n']);
            print!("{}", hash_password(&new.name, password, &new.granted)?);
            Ok(())
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}
