//! The pictures on a page, each made by a command that the reader finds on it.
//!
//! A page shows `![what is seen](run.svg)` and has, in a `sh` fence, `cargo run -p NAME -- … --draw lessons/…/run.svg`. The
//! command is run again, into another folder, and has to draw the same bytes. A picture that no command draws is refused:
//! nothing would hold it to the truth.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::markdown::{links, refill};
use crate::recorded::hold;
use crate::{Lesson, shell};

/// A command of a page that draws into the page's folder.
#[derive(Debug, PartialEq, Eq)]
struct Drawing {
    /// The program's arguments.
    args: Vec<String>,
    /// Which of them names the file.
    place: usize,
}

impl Lesson {
    /// What is wrong with the pictures of the page `file`. With `SNAPSHOTS=overwrite` they are drawn anew.
    ///
    /// # Errors
    /// A command does not draw.
    pub(crate) fn pictures(&self, file: &Path, page: &str) -> Result<Vec<String>> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let drawings = drawings(page, self.name(), folder);
        let mut complaints = undrawn(page, folder, &drawings);
        for drawing in &drawings {
            let text = self.draw_again(drawing)?;
            let held = hold(&self.root().join(drawing.file()), &text);
            complaints.extend(held.err().map(|error| error.to_string()));
        }
        Ok(complaints)
    }

    fn draw_again(&self, drawing: &Drawing) -> Result<String> {
        let folder = tempfile::tempdir()?;
        let name = Path::new(drawing.file()).file_name().unwrap_or_default();
        let again = folder.path().join(name);
        let mut args: Vec<_> = drawing.args.iter().map(Into::into).collect();
        args[drawing.place] = again.clone().into_os_string();
        self.run(&args)?.expect_code(0)?;
        fs::read_to_string(again).with_context(|| format!("{} is not drawn", drawing.file()))
    }
}

impl Drawing {
    fn file(&self) -> &str {
        &self.args[self.place]
    }
}

/// The commands of `package` on the page that draw into its folder.
fn drawings(page: &str, package: &str, folder: &Path) -> Vec<Drawing> {
    let mut commands = Vec::new();
    refill(page, |fence| {
        if fence.language == "sh" {
            commands.extend(shell::block(&fence.body));
        }
        Ok(fence.body.clone())
    });
    let drawing = |words: &Vec<String>| {
        let run = shell::run(words).filter(|run| run.package == Some(package))?;
        let place = 1 + run.args.iter().position(|arg| arg == "--draw")?;
        let is_here = Path::new(run.args.get(place)?).starts_with(folder);
        let args = run.args.to_vec();
        is_here.then_some(Drawing { args, place })
    };
    commands.iter().filter_map(drawing).collect()
}

/// The pictures on a page that none of these commands draws.
fn undrawn(page: &str, folder: &Path, drawings: &[Drawing]) -> Vec<String> {
    let drawn: BTreeSet<PathBuf> = drawings
        .iter()
        .map(|drawing| drawing.file().into())
        .collect();
    let shown = links(page).into_iter();
    let undrawn = shown
        .filter(|link| link.target.ends_with(".svg") && !drawn.contains(&folder.join(link.target)));
    let complaint = |link: crate::markdown::Link<'_>| {
        format!(
            "{}:{}: no command on the page draws `{}`: a `sh` fence has one with `--draw {}`",
            folder.join("README.md").display(),
            link.line,
            link.target,
            folder.join(link.target).display()
        )
    };
    undrawn.map(complaint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
![the run](run.svg) and ![another](../x.svg)

```sh
cargo run -p lamport -- draw a.ab --draw \\
  lessons/15-lamport/run.svg
cargo run -p lamport -- --draw target/run.svg
cargo run -p other -- --draw lessons/15-lamport/run.svg
cargo run -p lamport -- --draw
```
";

    #[test]
    fn a_drawing_is_the_lessons_own_and_in_its_folder() {
        let folder = Path::new("lessons/15-lamport");
        let found = drawings(PAGE, "lamport", folder);
        let args = ["draw", "a.ab", "--draw", "lessons/15-lamport/run.svg"];
        let args = args.map(str::to_owned).to_vec();
        assert_eq!(found, [Drawing { args, place: 3 }]);
        let complaints = undrawn(PAGE, folder, &found);
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].starts_with(
            "lessons/15-lamport/README.md:1: no command on the page draws `../x.svg`"
        ));
    }
}
