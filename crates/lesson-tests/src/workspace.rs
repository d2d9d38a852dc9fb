//! The rooms of the project: every lesson has a crate with the same rooms, a page, a script for its
//! two sides, and a row in the README; nothing in `lessons/` is without a crate; and no line of
//! Rust is too long to be read beside another file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use unicode_width::UnicodeWidthStr;

use crate::{Manifest, document, markdown};

/// The files of a lesson's crate, and the advice to an author who lacks one.
const ROOMS: [(&str, &str); 5] = [
    (
        "src/lib.rs",
        "says what problem, the idea, the source, what is left out; \
         the experiments are its modules",
    ),
    ("src/story.rs", "narrates through `narration` what the experiments saw"),
    ("src/main.rs", "reads the arguments and gives the exit code"),
    ("tests/lesson.rs", "says `lesson_tests::lesson!();` and tests the sides as real processes"),
    (
        "tests/transcript.txt",
        "is recorded by `SNAPSHOTS=overwrite cargo test -p` and the lesson's name",
    ),
];

/// The files of an exercise beside its stub, and the advice to an author who lacks one.
const EXERCISE: [(&str, &str); 4] = [
    ("mod.rs", "has the contract and implements `Exercise`, and its tests call `assert_sound`"),
    ("reference.rs", "is a right solution, as exemplary as it is short"),
    ("hints.txt", "is a question, the concept, and nearly the line, as three paragraphs"),
    ("bugs.rs", "has the mistakes that people make, six at least, and one solution with them"),
];

/// The columns of a line of Rust, code, docs and strings alike. rustfmt wraps code alone.
const COLUMNS: usize = 100;

/// The call that makes the tests of a lesson.
const CALL: &str = "lesson_tests::lesson!();";

/// The documents beside the pages. What they quote is true, and none of their links is broken.
const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "crates/bench/README.md", GLOSSARY];

/// A row for each term of the course: `| term | what it is | [06](06-echo/README.md) |`.
const GLOSSARY: &str = "lessons/GLOSSARY.md";

#[derive(Deserialize)]
struct CargoToml {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    description: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    lesson: Option<Manifest>,
}

/// What the project at `root` lacks, a sentence each that says what its author has to do.
///
/// # Errors
/// A folder or manifest cannot be read.
pub fn complaints(root: &Path) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    let mut folders = BTreeSet::new();
    for name in names(&root.join("crates"))? {
        let folder = root.join("crates").join(&name);
        if !folder.join("Cargo.toml").exists() {
            continue;
        }
        let Some((package, lesson)) = lesson(&folder)? else {
            continue;
        };
        complaints.extend(missing_rooms(root, &name, &package, &lesson));
        folders.insert(lesson.folder);
    }
    for name in names(&root.join("lessons"))? {
        let folder = Path::new("lessons").join(name);
        if !folders.contains(&folder) {
            complaints.push(format!(
                "{}: no crate names this folder; the lesson's Cargo.toml must say so \
                 in [package.metadata.lesson]",
                folder.display()
            ));
        }
    }
    complaints.extend(long_lines(root)?);
    complaints.extend(unlisted(root, &folders)?);
    complaints.extend(unfinished_exercises(root, &folders)?);
    complaints.extend(undefined_terms(root, &folders)?);
    for document in DOCUMENTS {
        let fill = |fence: &markdown::Fence<'_>| document::fill(root, fence);
        match document::complaints(root, Path::new(document), fill, str::to_owned) {
            Ok(wrong) => complaints.extend(wrong),
            Err(error) => complaints.push(format!("{error:#}: write it")),
        }
    }
    Ok(complaints)
}

/// `[package.metadata.lesson]` of the crate in `folder`; `None` where it is not a lesson.
pub(crate) fn manifest(folder: &Path) -> Result<Option<Manifest>> {
    Ok(lesson(folder)?.map(|(_, lesson)| lesson))
}

fn lesson(folder: &Path) -> Result<Option<(Package, Manifest)>> {
    let path = folder.join("Cargo.toml");
    let read = || -> Result<CargoToml> { Ok(toml::from_str(&fs::read_to_string(&path)?)?) };
    let mut package = read().with_context(|| format!("cannot read {}", path.display()))?.package;
    let lesson = package.metadata.take().and_then(|metadata| metadata.lesson);
    Ok(lesson.map(|lesson| (package, lesson)))
}

fn missing_rooms(root: &Path, name: &str, package: &Package, lesson: &Manifest) -> Vec<String> {
    let crate_folder = Path::new("crates").join(name);
    let manifest = crate_folder.join("Cargo.toml");
    let mut missing = Vec::new();
    let mut need = |is_there: bool, path: &Path, what: &str| {
        if !is_there {
            missing.push(format!("{}: {what}", path.display()));
        }
    };
    for (room, what) in ROOMS {
        let path = crate_folder.join(room);
        need(root.join(&path).exists(), &path, &format!("is missing; it {what}"));
    }
    let tests = crate_folder.join("tests/lesson.rs");
    let text = fs::read_to_string(root.join(&tests)).unwrap_or_default();
    need(
        text.is_empty() || text.lines().any(|line| line == CALL),
        &tests,
        &format!("lacks the line `{CALL}`"),
    );
    need(package.name == name, &manifest, "the package and its folder have different names");
    need(
        package.description.is_some(),
        &manifest,
        "lacks a description, which is the lesson's question",
    );
    need(
        is_numbered(&lesson.folder, name),
        &manifest,
        "the lesson's folder is `lessons/`, two digits, `-` and the crate's name",
    );
    let page = lesson.folder.join("README.md");
    need(
        root.join(&page).exists(),
        &page,
        "is missing; CONTRIBUTING.md says what stands on a page",
    );
    if let Some(script) = lesson.script(name) {
        need(
            root.join(&script).exists(),
            &script,
            "is missing; it pairs the lesson's server and client, with scripts/lib.bash",
        );
    }
    missing
}

fn is_numbered(folder: &Path, name: &str) -> bool {
    let number = folder
        .to_str()
        .and_then(|folder| folder.strip_prefix("lessons/")?.strip_suffix(name)?.strip_suffix('-'));
    number
        .is_some_and(|number| number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Lessons that the README's table lacks, or has though they do not exist.
fn unlisted(root: &Path, folders: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let readme = fs::read_to_string(root.join("README.md")).unwrap_or_default();
    let links = markdown::links(&readme);
    let listed: BTreeSet<PathBuf> = links
        .iter()
        .filter_map(|link| {
            Some(
                Path::new("lessons").join(link.target.strip_prefix("lessons/")?.split('/').next()?),
            )
        })
        .collect();
    let lacks = folders.difference(&listed);
    let lacks =
        lacks.map(|folder| format!("README.md: its table of lessons lacks {}", folder.display()));
    let extra = listed.difference(folders);
    let extra = extra
        .map(|folder| format!("README.md: it lists {}, which is not a lesson", folder.display()));
    Ok(lacks.chain(extra).collect())
}

/// Terms in bold on a page that the glossary lacks, and rows that no page defines. Bold on a page
/// are the question, terms, and what leads into a paragraph, which ends in a full stop or a colon.
fn undefined_terms(root: &Path, folders: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let glossary = fs::read_to_string(root.join(GLOSSARY)).unwrap_or_default();
    let rows = glossary.lines().filter_map(|line| {
        let (term, rest) = line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | ")?;
        let (_, link) = rest.rsplit_once(" | ")?;
        let page = link.strip_suffix("/README.md)")?.split_once("](")?.1;
        Some((term, Path::new("lessons").join(page)))
    });
    let rows: Vec<(&str, PathBuf)> = rows.collect();
    let mut complaints = Vec::new();
    let mut defined = BTreeSet::new();
    for folder in folders {
        let page = folder.join("README.md");
        let text = fs::read_to_string(root.join(&page)).unwrap_or_default();
        let is_lead_in = |bold: &String| bold.ends_with(['.', ':']);
        for term in markdown::bold(&text).into_iter().skip(1).filter(|bold| !is_lead_in(bold)) {
            if !rows.iter().any(|(row, _)| row.eq_ignore_ascii_case(&term)) {
                complaints.push(format!(
                    "{}: **{term}** has no row in {GLOSSARY}; bold is for terms, and for what \
                     leads into a paragraph and ends in a full stop or a colon",
                    page.display()
                ));
            }
            defined.insert((folder.clone(), term.to_lowercase()));
        }
    }
    let is_defined =
        |(term, page): &&(&str, PathBuf)| defined.contains(&(page.clone(), term.to_lowercase()));
    complaints.extend(
        rows.iter().filter(|row| !is_defined(row)).map(|(term, page)| {
            format!("{GLOSSARY}: {} does not define **{term}**", page.display())
        }),
    );
    let mut sorted = rows.clone();
    sorted.sort_by_key(|(term, _)| term.to_lowercase());
    if let Some(((term, _), _)) = rows.iter().zip(&sorted).find(|(row, right)| row != right) {
        complaints.push(format!("{GLOSSARY}: \"{term}\" is not in alphabetical order"));
    }
    Ok(complaints)
}

/// What the exercises in `crates/checks/src` lack: those are the folders with a stub in them.
fn unfinished_exercises(root: &Path, folders: &BTreeSet<PathBuf>) -> Result<Vec<String>> {
    let checks = Path::new("crates/checks/src");
    let mut lacks = Vec::new();
    if !root.join(checks).exists() {
        return Ok(lacks);
    }
    let text = |path: &Path| fs::read_to_string(root.join(path)).unwrap_or_default();
    for module in names(&root.join(checks))? {
        let folder = checks.join(&module);
        if !root.join(&folder).join("stub.rs").exists() {
            continue;
        }
        let name = module.replace('_', "-");
        let mut need = |is_there: bool, path: PathBuf, what: &str| {
            if !is_there {
                lacks.push(format!("{}: {what}", path.display()));
            }
        };
        let lesson = folders.iter().find(|lesson| is_numbered(lesson, &name));
        need(lesson.is_some(), folder.clone(), "no lesson has the name of this exercise");
        if let Some(lesson) = lesson {
            let page = lesson.join("README.md");
            let hints = folder.join("hints.txt");
            for section in missing_sections(&text(&hints), &text(&page)) {
                let what = format!("{} has no heading \"{section}\"", page.display());
                need(false, hints.clone(), &what);
            }
        }
        for (file, what) in EXERCISE {
            let path = folder.join(file);
            need(root.join(&path).exists(), path, &format!("is missing; it {what}"));
        }
        let listed = format!("passes::<crate::{module}::");
        let list = checks.join("tests.rs");
        need(
            text(&list).contains(&listed),
            list,
            &format!("`references_pass` lacks `{listed}…>()`"),
        );
        let program = PathBuf::from(format!("crates/exercises/src/{name}.rs"));
        need(
            root.join(&program).exists(),
            program,
            "is missing; it hands the reader's file to the judge",
        );
        let manifest = PathBuf::from("crates/exercises/Cargo.toml");
        let bin = format!("name = \"exercise-{name}\"\npath = \"src/{name}.rs\"\ntest = false");
        need(
            text(&manifest).contains(&bin),
            manifest,
            &format!("lacks a [[bin]] with these lines:\n{bin}"),
        );
    }
    Ok(lacks)
}

/// The sections that the second hint names, as in `The page has this under "The rule"`, and that
/// are neither a heading of the page nor bold words in it.
fn missing_sections(hints: &str, page: &str) -> Vec<String> {
    let concept = hints.split("\n\n").nth(1).unwrap_or_default();
    let concept = concept.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((_, named)) = concept.split_once(" page ") else {
        return Vec::new();
    };
    let headings = markdown::headings(page).into_iter().map(|heading| heading.text.to_owned());
    let bold = markdown::bold(page).into_iter();
    let sections: Vec<String> =
        headings.chain(bold.map(|text| text.trim_end_matches('.').to_owned())).collect();
    let mut missing = Vec::new();
    let mut rest = named;
    while let Some((_, quoted)) = rest.split_once('"') {
        // A section may have quotation marks in its name.
        let found = sections
            .iter()
            .find_map(|section| quoted.strip_prefix(section.as_str())?.strip_prefix('"'));
        rest = match (found, quoted.split_once('"')) {
            (Some(after), _) => after,
            (None, Some((name, after))) => {
                missing.push(name.to_owned());
                after
            }
            (None, None) => break,
        };
    }
    missing
}

/// Each line over [`COLUMNS`]. The readers' files, in `lessons/`, may have any.
fn long_lines(root: &Path) -> Result<Vec<String>> {
    let mut long = Vec::new();
    let mut folders = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        let inner = names(&folder)?.into_iter().filter(|name| name != "target");
        folders.extend(inner.map(|name| folder.join(name)));
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                let lines = (1..).zip(text.lines()).filter(|(_, line)| line.width() > COLUMNS);
                let path = path.strip_prefix(root)?.display();
                long.extend(lines.map(|(number, line)| {
                    format!("{path}:{number}: {} columns; {COLUMNS} at most", line.width())
                }));
            }
        }
    }
    Ok(long)
}

/// The folders in `folder`, in order.
fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = BTreeSet::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
