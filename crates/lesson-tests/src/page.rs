//! The page of a lesson: that it has its [`form`], and that what it quotes is real.
//!
//! A page is a [`document`]. Its own fences are about its own lesson,
//! whose program these tests can run:
//!
//! | directive | fence | text |
//! |---|---|---|
//! | `<!-- transcript: N -->` | `text` | step N of the transcript |
//! | `<!-- script: scripts/NAME -->` | `text` | what the script prints |
//! | | `console` | commands after `$`, run again, with what they print |
//! | | `sh` | as in every document; the flags of this lesson exist too |
//!
//! What a command in a `sh` fence draws into the page's folder, by `--draw lessons/…`, is drawn
//! again and compared; and a diagram on the page is drawn by such a command.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::form::{self, Around};
use crate::markdown::Fence;
use crate::process::{self, Finished};
use crate::recorded::keep;
use crate::{Lesson, contract, document, links, shell};

impl Lesson {
    /// The page has its parts, none of its links is broken, and its quotes and output are what they
    /// would be now.
    pub fn page(&self) -> Result<()> {
        let file = self.page_path()?;
        let page = fs::read_to_string(self.root().join(&file)).with_context(|| {
            format!(
                "cannot read the page {}; CONTRIBUTING.md says what stands on one",
                file.display()
            )
        })?;
        let mut complaints = self.diagrams(&file, &page)?;
        let fill = |fence: &Fence<'_>| self.fill(fence);
        let transcript = self.recorded()?;
        let amend = |page: &str| form::with_minutes(page, transcript);
        complaints.extend(document::complaints(self.root(), &file, fill, amend)?);
        // Of the page as it is now: it may just have been refreshed.
        let page = fs::read_to_string(self.root().join(&file))?;
        let missing = self.missing_parts(&page)?.into_iter();
        complaints.extend(missing.map(|complaint| format!("{}: {complaint}", file.display())));
        ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
        Ok(())
    }

    /// The script of the lesson's two sides runs to its end and leaves nothing running. A lesson
    /// without servers needs none.
    #[cfg(unix)]
    pub fn script(&self) -> Result<()> {
        let Some(script) = self.manifest()?.script(self.name()) else {
            return Ok(());
        };
        let ended = self.run_script(&script.to_string_lossy())?;
        contract::check_screen(&ended.stdout, contract::SCREEN)
    }

    fn missing_parts(&self, page: &str) -> Result<Vec<String>> {
        let manifest = self.manifest()?;
        let folder = manifest.folder.file_name().unwrap_or_default().to_string_lossy();
        let title = format!("# {}\n\n**{}**\n\n", folder.replacen('-', " ", 1), self.question);
        let script = manifest.script(self.name());
        let around = Around {
            root: self.root(),
            folder: &manifest.folder,
            has_exercise: self.root().join(links::stub(self.name())).exists(),
            script: script.as_deref(),
            transcript: self.recorded()?,
        };
        let mut missing = form::complaints(page, &around)?;
        if !page.starts_with(&title) {
            missing.push(format!(
                "it begins with its title and its question (the crate's description):\n{title}"
            ));
        }
        Ok(missing)
    }

    /// What `fence` says when it is written now.
    fn fill(&self, fence: &Fence<'_>) -> Result<String> {
        match (fence.directive, fence.language) {
            (Some(("transcript", number)), "text") => document::step(self.recorded()?, number),
            (Some(("script", script)), "text") => {
                Ok(keep(&fence.body, &self.run_script(script)?.stdout))
            }
            (None, "console") => Ok(keep(&fence.body, &self.console(&fence.body)?)),
            (None, "sh") => {
                self.own_commands_parse(&fence.body)?;
                document::fill(self.root(), fence)
            }
            _ => document::fill(self.root(), fence),
        }
    }

    fn own_commands_parse(&self, block: &str) -> Result<()> {
        let commands = shell::block(block);
        let runs = commands.iter().filter_map(|words| shell::run(words));
        let mut own = runs.filter(|run| run.package == Some(self.name()) && run.example.is_none());
        own.try_for_each(|run| self.parses(run.args))
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
                    "`{line}` cannot be run again: a console block has commands `$ cargo run -p {} \
                     -- …` alone; use `sh` for what the reader types, or record a script",
                    self.name()
                )
            })?;
            let printed = process::run_together(self.command(run.args))?;
            text = format!("{text}{line}\n{}", printed.stdout);
        }
        ensure!(!text.is_empty(), "a console block has lines that begin with `$ `");
        Ok(text)
    }

    fn run_script(&self, script: &str) -> Result<Finished> {
        let path = self.root().join(script);
        ensure!(
            path.exists(),
            "there is no {script}; another lesson's script is a model to follow"
        );
        let mut command = process::command("bash");
        command.arg(path).current_dir(self.root()).env("LESSON_BIN", self.program);
        let ended = process::run_together(command)?;
        let has_what_it_needs = !(self.manifest()?.needs_namespaces && ended.code == Some(2));
        let ended = ended.expect_code(if has_what_it_needs { 0 } else { 2 })?;
        ensure!(!ended.left_behind, "{script} leaves a process running when it ends");
        Ok(ended)
    }
}
