//! Tells builds of the program apart: what one of them has worked out, another one works out anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// All that figures and pages depend on.
const MADE_OF: [&str; 7] = ["Cargo.lock", "Cargo.toml", "assets", "crates", "pipelines", "src", "templates"];

fn main() -> io::Result<()> {
    let mut files = BTreeMap::new();
    for name in MADE_OF {
        println!("cargo::rerun-if-changed={name}");
        read(Path::new(name), &mut files)?;
    }
    let mut hash = Sha256::new();
    for (path, bytes) in &files {
        let path = path.to_string_lossy();
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    // Floating point may differ by the target, and by what optimises for it.
    let compiler = env::var_os("RUSTC").map(|rustc| Command::new(rustc).arg("-vV").output()).transpose()?;
    hash.update(compiler.map(|answer| answer.stdout).unwrap_or_default());
    for name in ["TARGET", "PROFILE", "OPT_LEVEL"] {
        hash.update(env::var(name).unwrap_or_default());
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=YEKUO_BUILD={hex}");
    Ok(())
}

fn read(path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            read(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.insert(path.to_owned(), fs::read(path)?);
    }
    Ok(())
}
