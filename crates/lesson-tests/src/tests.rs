//! The rooms of this project; and that every check of this crate can fail: small projects that are
//! right pass, and each way to break one is named.

#[cfg(unix)]
mod contract;
#[cfg(unix)]
mod page;
#[cfg(unix)]
mod project;
#[cfg(unix)]
mod script;
#[cfg(unix)]
mod workspace;

use std::path::Path;

#[test]
fn every_lesson_has_its_rooms() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).expect("this crate is a folder in crates/");
    let complaints = crate::workspace::complaints(root).unwrap();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
