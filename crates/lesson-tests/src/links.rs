//! Links of a page: those within the project lead somewhere, those out of it are well formed.
//!
//! Nothing here asks the internet. A reader reports an address that has moved; this test reports a
//! path that has.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::markdown::{anchors, links};

/// What is wrong with the links of `file` (relative to the project's `root`), each with its line.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn broken(root: &Path, file: &Path) -> Result<Vec<String>> {
    let page = fs::read_to_string(root.join(file))
        .with_context(|| format!("cannot read {}", file.display()))?;
    let complaint = |link: crate::markdown::Link<'_>| {
        let error = check(root, file, link.target).err()?;
        let (file, line, target) = (file.display(), link.line, link.target);
        Some(format!("{file}:{line}: the link `{target}` {error:#}"))
    };
    Ok(links(&page).into_iter().filter_map(complaint).collect())
}

fn check(root: &Path, file: &Path, target: &str) -> Result<()> {
    if let Some((scheme, rest)) = target.split_once("://") {
        return well_formed(scheme, rest);
    }
    let (path, anchor) =
        target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    ensure!(!target.is_empty(), "is empty");
    let path = if path.is_empty() {
        file.to_owned()
    } else {
        let folder = file.parent().unwrap_or(Path::new(""));
        normalise(&folder.join(path)).context("leads out of the project")?
    };
    ensure!(
        root.join(stands_for(&path)).exists(),
        "leads to {}, which does not exist",
        path.display()
    );
    let Some(anchor) = anchor else { return Ok(()) };
    ensure!(
        path.extension().is_some_and(|extension| extension == "md"),
        "names a place in a file that has no headings; quote the code instead"
    );
    let headings = anchors(&fs::read_to_string(root.join(&path))?);
    ensure!(
        headings.contains(anchor),
        "names no heading of {}; there are: {headings:?}",
        path.display()
    );
    Ok(())
}

fn well_formed(scheme: &str, rest: &str) -> Result<()> {
    ensure!(scheme == "https" || scheme == "http", "has the unknown scheme `{scheme}`");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let label = |label: &&str| {
        let mut chars = label.chars();
        !label.is_empty() && chars.all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    ensure!(labels.len() > 1 && labels.iter().all(label), "has no host name in it");
    Ok(())
}

/// `a/../b` is `b`; nothing that goes above the root.
fn normalise(path: &Path) -> Result<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => plain.push(name),
            Component::CurDir => {}
            Component::ParentDir if plain.pop() => {}
            _ => bail!("it starts above the root"),
        }
    }
    Ok(plain)
}

/// The reader may have taken their exercise file away; what must exist is the one that it starts
/// as.
fn stands_for(path: &Path) -> PathBuf {
    let exercise = || {
        let folder = path.strip_prefix("lessons").ok()?.parent()?.to_str()?;
        let (_, lesson) = folder.split_once('-')?;
        path.ends_with("exercise.rs").then(|| stub(lesson))
    };
    exercise().unwrap_or_else(|| path.to_owned())
}

/// The untouched exercise of a lesson, relative to the project's root.
pub(crate) fn stub(lesson: &str) -> PathBuf {
    let module = lesson.replace('-', "_");
    PathBuf::from(format!("crates/checks/src/{module}/stub.rs"))
}
