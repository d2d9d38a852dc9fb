//! Where the course is.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the course that `here` is in, however deep, or else the one that this program was
/// built in.
pub fn find(here: &Path) -> Option<PathBuf> {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut candidates = here.ancestors().chain(built_in.ancestors());
    candidates.find(|folder| is_root(folder)).map(Path::to_owned)
}

/// It has lessons beside a workspace. Asking git would fail in an unpacked archive.
fn is_root(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml"));
    folder.join("lessons").is_dir()
        && manifest.is_ok_and(|manifest| manifest.contains("[workspace]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_from_anywhere_inside_and_from_outside() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        assert_eq!(find(&root.join("crates/course/src")).as_deref(), Some(root));
        assert_eq!(find(root).as_deref(), Some(root));
        assert_eq!(find(Path::new("/")).as_deref(), Some(root));
    }
}
