//! A script that a test runs.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Writes a shell script that can be run.
///
/// A process that another test starts at this moment holds for an instant whatever files this one
/// writes, and a file that a process may write cannot be run: so another process writes it.
pub(crate) fn write(path: &Path, text: &str) {
    let mut plain = OsString::from(path);
    plain.push(".text");
    fs::write(&plain, format!("#!/bin/sh\n{text}")).expect("the folder is ours");
    let copied = Command::new("sh")
        .args(["-c", "cp \"$0\" \"$1\" && chmod 755 \"$1\""])
        .args([Path::new(&plain), path])
        .status();
    let is_there = copied.is_ok_and(|status| status.success());
    assert!(is_there, "{}", path.display());
}
