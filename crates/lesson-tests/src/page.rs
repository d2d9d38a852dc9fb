//! The page of a lesson: its parts, and that what it quotes is real.
//!
//! A page is compared with itself as it would be written now. Each fence says by its language, and the directive
//! above it, where its text comes from:
//!
//! | directive | fence | text |
//! |---|---|---|
//! | `<!-- quote: PATH ITEM -->` | `rust` | an item of a source file |
//! | `<!-- transcript: N -->` | `text` | step N of the lesson's transcript |
//! | `<!-- script: scripts/NAME -->` | `text` | what the script prints |
//! | | `console` | commands after `$`, run again, with what they print |
//! | | `sh` | commands for the reader to type; what they name must exist |
//!
//! Any other fence, such as a drawing, is the author's own, and so are `json`, `toml` and the like. But `rust` and
//! `text` without a directive are refused, since nothing would hold them to the truth.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;

use crate::markdown::{Fence, headings, refill};
use crate::process::{self, Finished};
use crate::recorded::{hold, keep};
use crate::{Lesson, contract, links, quote, shell};

/// The parts of a page in their order, and whether only a lesson with an exercise has it.
const PARTS: [(&str, bool); 8] = [
    ("Predict", false),
    ("Run", false),
    ("What you saw", false),
    ("Why", false),
    ("Break it", false),
    ("Exercise", true),
    ("In production", false),
    ("Sources", false),
];

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^Takes \d+ minutes\. Before it: \S").expect("a constant pattern")
});

impl Lesson {
    /// The page has its parts, its links lead somewhere, and its quotes and output are what they would be now.
    pub fn page(&self) -> Result<()> {
        let file = self.page_path()?;
        let path = self.root().join(&file);
        let page = fs::read_to_string(&path).with_context(|| {
            format!(
                "the lesson's page {} cannot be read; CONTRIBUTING.md says what stands on one",
                file.display()
            )
        })?;
        let mut complaints = self.missing_parts(&page)?;
        let (refilled, stale) = refill(&page, |fence| self.fill(fence));
        complaints.extend(stale);
        let mut complaints: Vec<String> = complaints
            .iter()
            .map(|complaint| format!("{}: {complaint}", file.display()))
            .collect();
        complaints.extend(links::broken(self.root(), &file)?);
        complaints.extend(hold(&path, &refilled).err().map(|error| error.to_string()));
        ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
        Ok(())
    }

    /// The script of the lesson's two sides runs to its end and leaves nothing running. A lesson without servers
    /// needs none.
    #[cfg(unix)]
    pub fn script(&self) -> Result<()> {
        if self.manifest()?.servers.is_empty() {
            return Ok(());
        }
        let ended = self.run_script(&format!("scripts/{}", self.name()))?;
        contract::check_screen(&ended.stdout, contract::SCREEN)
    }

    fn missing_parts(&self, page: &str) -> Result<Vec<String>> {
        let folder = self.manifest()?.folder;
        let folder = folder.file_name().unwrap_or_default().to_string_lossy();
        let title = format!(
            "# {}\n\n**{}**\n\n",
            folder.replacen('-', " ", 1),
            self.question
        );
        let has_exercise = self.root().join(links::stub(self.name())).exists();
        let mut complaints = parts(page, has_exercise);
        if !page.starts_with(&title) {
            complaints.insert(
                0,
                format!(
                    "it begins with its title and its question (the crate's description):\n{title}"
                ),
            );
        }
        Ok(complaints)
    }

    /// What the fence says when it is written now.
    fn fill(&self, fence: &Fence<'_>) -> Result<String> {
        match (fence.directive, fence.language) {
            (Some(("quote", what)), "rust") => self.quote(what),
            (Some(("transcript", step)), "text") => transcript_step(self.recorded()?, step)
                .with_context(|| format!("the transcript has no step `{step}`")),
            (Some(("script", script)), "text") => {
                Ok(keep(&fence.body, &self.run_script(script)?.stdout))
            }
            (Some((name, _)), language) => bail!(
                "`{name}` before a `{language}` fence: there are `quote` before `rust`, `transcript` and `script` before `text`"
            ),
            (None, "rust") => bail!("code is quoted: put `<!-- quote: PATH ITEM -->` before it"),
            (None, "text") => bail!(
                "output is recorded: put `<!-- transcript: STEP -->` or `<!-- script: scripts/NAME -->` before it \
                 (a drawing is a fence without a language)"
            ),
            (None, "console") => Ok(keep(&fence.body, &self.console(&fence.body)?)),
            (None, "sh") => {
                let lines = shell::lines(&fence.body);
                let mut commands = lines.iter().flat_map(|line| shell::commands(line));
                commands.try_for_each(|words| self.exists(&words))?;
                Ok(fence.body.clone())
            }
            (None, _) => Ok(fence.body.clone()),
        }
    }

    fn quote(&self, what: &str) -> Result<String> {
        let (path, item) = what
            .split_once(' ')
            .context("`quote` names a path and an item")?;
        let source = fs::read_to_string(self.root().join(path))
            .with_context(|| format!("cannot read {path}"))?;
        quote::quote(&source, item).context(path.to_owned())
    }

    /// Runs every `$ cargo run -p NAME -- …` again.
    fn console(&self, block: &str) -> Result<String> {
        let mut text = String::new();
        for line in block.lines().filter(|line| line.starts_with("$ ")) {
            let commands = shell::commands(&line[2..]);
            let run = match &commands[..] {
                [words] => shell::run(words).filter(|run| run.package == Some(self.name())),
                _ => None,
            };
            let run = run.with_context(|| {
                format!(
                    "`{line}` cannot be run again: a console block has commands `$ cargo run -p {} -- …` alone; \
                     use `sh` for what the reader types, or record a script",
                    self.name()
                )
            })?;
            let printed = process::run_together(self.command(run.args))?;
            text = format!("{text}{line}\n{}", printed.stdout);
        }
        ensure!(
            !text.is_empty(),
            "a console block has lines that begin with `$ `"
        );
        Ok(text)
    }

    /// Whether the package, the script and this lesson's flags that a command names exist. Other programs, such as
    /// `nc`, are the reader's own.
    fn exists(&self, words: &[String]) -> Result<()> {
        let program = words.first().map_or("", String::as_str);
        if program.starts_with("scripts/") {
            ensure!(
                self.root().join(program).exists(),
                "there is no `{program}`"
            );
        }
        if program != "cargo" {
            return Ok(());
        }
        let end = words
            .iter()
            .position(|word| word == "--")
            .unwrap_or(words.len());
        if let Some(package) = shell::package(&words[..end]) {
            let manifest = Path::new("crates").join(package).join("Cargo.toml");
            ensure!(
                self.root().join(manifest).exists(),
                "there is no package `{package}`"
            );
        }
        match shell::run(words) {
            Some(run) if run.package == Some(self.name()) => self.parses(run.args),
            _ => Ok(()),
        }
    }

    fn run_script(&self, script: &str) -> Result<Finished> {
        let path = self.root().join(script);
        ensure!(
            path.exists(),
            "there is no {script}; the one of another lesson is a model to follow"
        );
        let mut command = process::command("bash");
        command
            .arg(path)
            .current_dir(self.root())
            .env("LESSON_BIN", self.program);
        let ended = process::run_together(command)?.expect_code(0)?;
        ensure!(
            !ended.left_behind,
            "{script} leaves a process running when it ends"
        );
        Ok(ended)
    }
}

/// What is wrong with the order of a page's parts, and with the line that says how long it takes.
fn parts(page: &str, has_exercise: bool) -> Vec<String> {
    let wanted = PARTS
        .iter()
        .filter(|(_, exercise)| has_exercise || !exercise);
    let wanted: Vec<&str> = wanted.map(|(part, _)| *part).collect();
    let found = headings(page)
        .into_iter()
        .filter(|heading| heading.level == 2);
    let found: Vec<&str> = found.map(|heading| heading.text).collect();
    let mut complaints = Vec::new();
    if found != wanted {
        complaints.push(format!(
            "its parts (`##`) are {wanted:?}, in this order; it has {found:?}"
        ));
    }
    if !TIME.is_match(page) {
        complaints.push("a line says `Takes 20 minutes. Before it: …`".to_owned());
    }
    complaints
}

/// The lines of one step, without the empty ones around them.
fn transcript_step(transcript: &str, step: &str) -> Option<String> {
    let begins = |line: &&str| {
        !line.starts_with("   ")
            && line.contains("──")
            && line.trim_start().starts_with(|c: char| c.is_ascii_digit())
    };
    let heading = |line: &&str| begins(line) && line.split_whitespace().next() == Some(step);
    let mut lines = transcript.lines().skip_while(|line| !heading(line));
    let first = lines.next()?;
    let rest = lines.take_while(|line| !begins(line));
    let text: Vec<&str> = std::iter::once(first).chain(rest).collect();
    Some(format!("{}\n", text.join("\n").trim_end()))
}
