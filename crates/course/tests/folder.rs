//! The folder of a course.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::script;

/// What the judge of its exercises has: the file as the reader gets it, a right one, and hints.
pub(crate) const STUB: &str = include_str!("../../checks/src/echo/stub.rs");
pub(crate) const REFERENCE: &str = include_str!("../../checks/src/echo/reference.rs");
pub(crate) const HINTS: &str = include_str!("../../checks/src/echo/hints.txt");

/// What a judge does first: where it is asked to draw a case, it does that.
pub(crate) const DRAWS: &str = "if [ \"$2\" = draw ]; then
    printf \"verdict $3 WRONG\\nthe case at $3\\n\" > \"$1\"
    exit
fi
";

/// A course of two lessons: echo, which has an exercise, and packets, which has none.
pub(crate) struct Course(TempDir);

impl Course {
    pub(crate) fn new() -> Course {
        // A path with spaces in it, as a reader may have one.
        let folder = tempfile::Builder::new().prefix("a course ").tempdir();
        let course = Course(folder.expect("a temporary folder can be made"));
        course.write("Cargo.toml", "[workspace]\n");
        course.write(
            "lessons/06-echo/README.md",
            "# 06 echo\n\n**What is one message?**\n\nReading and running 20 minutes. Before it: \
             basic Rust.\n",
        );
        course.add_exercise("06-echo", "echo");
        course.write(
            "lessons/07-packets/README.md",
            "# 07 packets\n\n**No answer came. What \
             happened?**\n\nReading and running 25 minutes. Before it: \
             echo.\n",
        );
        course.with_cargo("echo ran: \"$@\"\n")
    }

    fn add_exercise(&self, folder: &str, module: &str) {
        self.write(&format!("lessons/{folder}/exercise.rs"), "a solution");
        for (file, text) in [("stub.rs", STUB), ("reference.rs", REFERENCE), ("hints.txt", HINTS)] {
            self.write(&format!("crates/checks/src/{module}/{file}"), text);
        }
    }

    /// One with a lesson more that has an exercise.
    pub(crate) fn with_http_client(self) -> Course {
        self.write(
            "lessons/09-http-client/README.md",
            "# 09 http-client\n\n**Who asks?**\n\nReading and running 25 minutes. Before it: \
             echo.\n",
        );
        self.add_exercise("09-http-client", "http_client");
        self
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// Where something in its folder is.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root().join(inside)
    }

    /// One whose cargo is this script.
    pub(crate) fn with_cargo(self, script: &str) -> Course {
        script::write(&self.path("cargo"), script);
        self
    }

    /// One whose cargo builds this script as the exercise.
    pub(crate) fn with_exercise(self, script: &str) -> Course {
        script::write(&self.path("exercise"), script);
        let program = self.path("exercise");
        let message = format!(
            "{{\"reason\":\"compiler-artifact\",\"executable\":\"{}\"}}",
            program.display()
        );
        self.with_cargo(&format!("echo '{message}'\n"))
    }

    /// One whose cargo prints these messages, says that this is all, and fails.
    pub(crate) fn with_messages(self, messages: &[serde_json::Value]) -> Course {
        let lines: String = messages.iter().map(|message| format!("{message}\n")).collect();
        self.write("messages", &lines);
        self.with_cargo("cat messages; echo 'error: could not compile `exercises`' >&2; exit 101\n")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        let folder = path.parent().expect("it is in the course's folder");
        fs::create_dir_all(folder).expect("a temporary folder can be made");
        fs::write(path, text).expect("a temporary file can be written");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(arguments).current_dir(self.root()).env("CARGO", self.path("cargo"));
        command.env("LC_ALL", "C.UTF-8").env_remove("COLUMNS").stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().expect("the course runs").into()
    }

    pub(crate) fn exercise(&self) -> String {
        fs::read_to_string(self.path("lessons/06-echo/exercise.rs")).expect("it is there")
    }

    /// Has the exercise's file be this, or be gone.
    pub(crate) fn have(&self, file: Option<&str>) {
        match file {
            Some(text) => self.write("lessons/06-echo/exercise.rs", text),
            None => {
                fs::remove_file(self.path("lessons/06-echo/exercise.rs")).expect("it was there")
            }
        }
    }

    pub(crate) fn progress(&self) -> Option<String> {
        fs::read_to_string(self.path(".progress")).ok()
    }
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("it speaks UTF-8"),
            err: String::from_utf8(output.stderr).expect("it speaks UTF-8"),
        }
    }
}

/// What a judge does that has come to a verdict.
pub(crate) fn judge(word: &str, screen: &str) -> String {
    format!("printf 'verdict - {word}\\n{screen}\\n' > \"$1\"\n")
}
