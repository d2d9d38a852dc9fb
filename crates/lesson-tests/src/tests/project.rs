//! A project of one lesson, `knock`, in a folder of its own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Lesson, process};

/// The question of its only lesson.
pub(crate) const QUESTION: &str = "Is anybody there?";

/// Stands in for its program: does what `program.sh` in the working directory says.
pub(crate) const STAND_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/stand-in");

const MANIFEST: &str = "\
[package]
name = 'knock'
description = 'Is anybody there?'
[package.metadata.lesson]
folder = 'lessons/01-knock'
servers = ['serve']
";

/// Whether Ctrl-C reaches the shells that these tests start. Where it is ignored from the start, as
/// for a job in the background of a script, a shell cannot change that.
pub(crate) fn ctrl_c_is_heard() -> bool {
    let mut shell = process::command("sh");
    shell.args(["-c", "kill -INT $$; echo ignored"]);
    process::run(shell).unwrap().stdout.is_empty()
}

pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// An empty project but for the manifest of the lesson. Each test has a `name` of its own.
    pub(crate) fn new(name: &str) -> Project {
        // The test's program is in `target/debug/deps`.
        let program = env::current_exe().unwrap();
        let root = program.ancestors().nth(3).unwrap().join("tmp").join(name);
        // Left from the last time.
        let _ = fs::remove_dir_all(&root);
        let project = Project { root };
        project.write("crates/knock/Cargo.toml", MANIFEST);
        project
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.root.join(path)).unwrap();
    }

    /// The lesson; its program does what `program.sh` at the root says.
    pub(crate) fn lesson(&self) -> Lesson {
        let manifest_dir = self.root.join("crates/knock").into_os_string();
        let manifest_dir = manifest_dir.into_string().unwrap().leak();
        Lesson::new("knock", QUESTION, STAND_IN, manifest_dir)
    }
}
