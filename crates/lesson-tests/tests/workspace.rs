//! The rooms of this project. Each line of a failure says what is missing, and what to do.

use std::path::Path;

#[test]
fn every_lesson_has_its_rooms() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).expect("this crate is a folder in crates/");
    let complaints = lesson_tests::workspace::complaints(root).unwrap();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
