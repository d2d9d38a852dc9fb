//! A project that has all its rooms passes, and each one that is missing is named.

use crate::workspace::complaints;

use super::project::Project;

fn project(test: &str) -> Project {
    let project = Project::new(&format!("workspace-{test}"));
    for room in ["src/lib.rs", "src/main.rs", "src/story.rs", "tests/transcript.txt"] {
        project.write(&format!("crates/knock/{room}"), "");
    }
    project.write("crates/knock/tests/lesson.rs", "lesson_tests::lesson!();\n");
    project.write("crates/common/Cargo.toml", "package.name = 'common'");
    project.write("lessons/01-knock/README.md", "");
    project.write("scripts/knock", "");
    project.write("README.md", "| 01 | [knock](lessons/01-knock/README.md) |\n");
    project.write("ARCHITECTURE.md", "");
    project.write("CONTRIBUTING.md", "");
    project.write("crates/bench/README.md", "");
    project.write("lessons/GLOSSARY.md", "");
    project
}

#[test]
fn a_project_with_all_its_rooms_passes() {
    assert_eq!(complaints(project("whole").root()).unwrap(), Vec::<String>::new());
}

#[test]
fn a_room_that_is_missing_is_named() {
    for (test, path) in [
        ("lib", "crates/knock/src/lib.rs"),
        ("main", "crates/knock/src/main.rs"),
        ("story", "crates/knock/src/story.rs"),
        ("tests", "crates/knock/tests/lesson.rs"),
        ("transcript", "crates/knock/tests/transcript.txt"),
        ("page", "lessons/01-knock/README.md"),
        ("script", "scripts/knock"),
    ] {
        let project = project(test);
        project.remove(path);
        let complaints = complaints(project.root()).unwrap();
        let wanted = format!("{path}: is missing; ");
        assert!(
            complaints.iter().any(|complaint| complaint.starts_with(&wanted)),
            "{complaints:#?}"
        );
    }
}

#[test]
fn a_term_and_its_row_in_the_glossary_belong_together() {
    let project = project("glossary");
    let page =
        "# 01 knock\n\n**Who?**\n\nA **port** is a **number**. **Number**. **So:** `**a**`.\n";
    project.write("lessons/01-knock/README.md", page);
    let row = |term: &str| format!("| {term} | a number | [01](01-knock/README.md) |\n");
    let complaints = |rows: &[&str]| {
        project
            .write("lessons/GLOSSARY.md", &rows.iter().map(|term| row(term)).collect::<String>());
        complaints(project.root()).unwrap()
    };
    assert_eq!(complaints(&["number", "port"]), Vec::<String>::new());
    for (rows, complaint) in [
        (&["number"][..], "lessons/01-knock/README.md: **port** has no row in lessons/GLOSSARY.md"),
        (&["number", "port", "so"], "lessons/01-knock does not define **so**"),
        (&["port", "number"], "\"port\" is not in alphabetical order"),
    ] {
        let complaints = complaints(rows);
        assert!(complaints.len() == 1 && complaints[0].contains(complaint), "{complaints:?}");
    }
}

#[test]
fn a_long_line_of_rust_is_named() {
    let project = project("long");
    let line = |columns: usize| format!("// {}", "ä".repeat(columns - 3));
    project.write("crates/knock/src/lib.rs", &format!("{}\n{}\n", line(100), line(101)));
    let expected = ["crates/knock/src/lib.rs:2: 101 columns; 100 at most"];
    assert_eq!(complaints(project.root()).unwrap(), expected);
}

/// The parts of an exercise, and what is reported where one is missing.
const EXERCISE: [(&str, &str, &str); 7] = [
    ("crates/checks/src/knock/stub.rs", "", ""),
    ("crates/checks/src/knock/mod.rs", "", "is missing; "),
    ("crates/checks/src/knock/reference.rs", "", "is missing; "),
    ("crates/checks/src/knock/hints.txt", "", "is missing; "),
    ("crates/checks/src/knock/bugs.rs", "", "is missing; "),
    ("crates/checks/src/tests.rs", "passes::<crate::knock::Knock>()", "`references_pass` lacks "),
    ("crates/exercises/src/knock.rs", "", "is missing; "),
];

#[test]
fn a_part_of_an_exercise_that_is_missing_is_named() {
    let project = project("exercise");
    for (path, text, _) in EXERCISE {
        project.write(path, text);
    }
    let manifest = "crates/exercises/Cargo.toml";
    let bin = "[[bin]]\nname = \"exercise-knock\"\npath = \"src/knock.rs\"\ntest = false\n";
    let package = "[package]\nname = \"exercises\"\n";
    project.write(manifest, &format!("{package}{bin}"));
    let the_only_complaint = || {
        let complaints = complaints(project.root()).unwrap();
        assert!(complaints.len() < 2, "{complaints:#?}");
        complaints.into_iter().next().unwrap_or_default()
    };
    assert_eq!(the_only_complaint(), "");
    for (path, text, report) in &EXERCISE[1..] {
        project.remove(path);
        let wanted = format!("{path}: {report}");
        assert!(the_only_complaint().starts_with(&wanted), "{wanted}");
        project.write(path, text);
    }
    project.write(manifest, package);
    assert!(the_only_complaint().starts_with(&format!("{manifest}: lacks a [[bin]]")));
    project.write(manifest, &format!("{package}{bin}"));
    project.write("crates/checks/src/nock/stub.rs", "");
    let complaints = complaints(project.root()).unwrap();
    assert_eq!(complaints[0], "crates/checks/src/nock: no lesson has the name of this exercise");
}

#[test]
fn a_hint_names_sections_that_its_page_has() {
    let project = project("hints");
    let page = "# 01 knock\n\n**Who?**\n\n## Why\n\n**Is \"it\" late.** Yes.\n";
    project.write("lessons/01-knock/README.md", page);
    project.write("crates/checks/src/knock/stub.rs", "");
    let missing = |concept: &str| -> Vec<String> {
        let hints = format!("Who says \"A\"?\n\n{concept}\n\nThe page \"So\".\n");
        project.write("crates/checks/src/knock/hints.txt", &hints);
        let complaints = complaints(project.root()).unwrap().into_iter();
        complaints.filter(|complaint| complaint.contains("hints.txt")).collect()
    };
    let named = "Say \"B\". The page has this in \"Why\", under \"Is \"it\"\nlate\" and \"Who?\".";
    assert_eq!(missing(named), Vec::<String>::new());
    let complaint = "crates/checks/src/knock/hints.txt: lessons/01-knock/README.md has no heading \
                     \"Asked twice\"";
    assert_eq!(missing("The\npage has this under \"Why\" and \"Asked\ntwice\"."), [complaint]);
}

/// Has the lesson name `more` in its manifest.
fn with_manifest(project: &Project, more: &str) {
    let manifest = "crates/knock/Cargo.toml";
    project.write(manifest, &(project.read(manifest) + more));
}

#[test]
fn a_script_may_have_a_name_of_its_own() {
    let project = project("own-script");
    with_manifest(&project, "script = 'scripts/doors'\n");
    let named = |path: &str| {
        let complaints = complaints(project.root()).unwrap();
        complaints.iter().any(|complaint| complaint.starts_with(&format!("{path}: is missing; ")))
    };
    assert!(named("scripts/doors"));
    project.remove("scripts/knock");
    assert!(!named("scripts/knock"), "only the one that it names counts");
    project.write("scripts/doors", "");
    assert!(!named("scripts/doors"));
}

#[test]
fn without_servers_no_script_is_needed() {
    let project = project("no-servers");
    let manifest = "crates/knock/Cargo.toml";
    let text = project.read(manifest).replace("['serve']", "[]");
    project.write(manifest, &text);
    project.remove("scripts/knock");
    assert_eq!(complaints(project.root()).unwrap(), Vec::<String>::new());
}

/// Changes `part` of the file at `path` and expects one complaint, in these words.
fn wrong(test: &str, path: &str, (part, change): (&str, &str), expected: &[&str]) {
    let project = project(test);
    let text = project.read(path);
    assert!(text.contains(part), "{test}: nothing to change");
    project.write(path, &text.replacen(part, change, 1));
    let complaints = complaints(project.root()).unwrap();
    let matches =
        complaints.iter().zip(expected).all(|(complaint, words)| complaint.contains(words));
    assert!(matches && complaints.len() == expected.len(), "{test}: {complaints:#?}");
}

#[test]
fn a_lesson_that_is_not_as_all_are_is_named() {
    let manifest = "crates/knock/Cargo.toml";
    wrong(
        "no-call",
        "crates/knock/tests/lesson.rs",
        ("lesson!", "// lesson!"),
        &["lacks the line `lesson_tests::lesson!();`"],
    );
    wrong("no-question", manifest, ("description", "# "), &["lacks a description"]);
    wrong(
        "no-metadata",
        manifest,
        ("[package.metadata.lesson]", "[package.metadata.other]"),
        &[
            "lessons/01-knock: no crate names this folder",
            "README.md: it lists lessons/01-knock, which is not a lesson",
        ],
    );
    wrong("other-name", manifest, ("'knock'", "'knocks'"), &["have different names"]);
    wrong(
        "no-number",
        manifest,
        ("01-knock", "1-knock"),
        &[
            "crates/knock/Cargo.toml: the lesson's folder is `lessons/`, two digits",
            "lessons/1-knock/README.md: is missing",
            "lessons/01-knock: no crate names",
            "its table of lessons lacks lessons/1-knock",
            "it lists lessons/01-knock",
        ],
    );
    wrong(
        "no-row",
        "README.md",
        ("lessons/01-knock/README.md", "lessons"),
        &["README.md: its table of lessons lacks lessons/01-knock"],
    );
    wrong(
        "broken-link",
        "README.md",
        ("| 01", "[a](LICENSE)"),
        &["README.md:1: the link `LICENSE` leads to LICENSE, which does not exist"],
    );
}

#[test]
fn a_manifest_that_cannot_be_read_is_an_error() {
    let project = project("typo");
    let text = project.read("crates/knock/Cargo.toml");
    project.write("crates/knock/Cargo.toml", &text.replace("servers", "server"));
    let error = format!("{:#}", complaints(project.root()).unwrap_err());
    assert!(error.contains("crates/knock/Cargo.toml") && error.contains("server"), "{error}");
}

#[test]
fn a_document_that_is_missing_is_named() {
    let project = project("document");
    project.remove("ARCHITECTURE.md");
    let complaints = complaints(project.root()).unwrap();
    assert!(
        matches!(&complaints[..], [one] if one.starts_with("cannot read ARCHITECTURE.md")),
        "{complaints:#?}"
    );
}

#[test]
fn a_document_quotes_what_is_true() {
    let project = project("documents");
    let step = " 1  Knock ── real sockets ──\n\n    On 127.0.0.1:40000.\n";
    let transcript = format!("knock\n\n{step}\n 2  Wait ── virtual time ──\n");
    project.write("crates/knock/tests/transcript.txt", &transcript);
    let document = format!(
        "<!-- transcript: knock 1 -->\n```text\n{step}```\n\n```sh\ncargo run -- run \
         knock\nscripts/knock\n```\n"
    );
    for (part, change, complaint) in [
        ("", "", ""),
        ("40000", "50000", "is not what comes out now"),
        ("knock 1", "1", "names a lesson and a step here"),
        ("knock 1", "open 1", "`open` has no transcript"),
        ("knock 1", "knock 3", "the transcript has no step `3`"),
        ("```sh", "```console", "here they are `sh`"),
        ("scripts/knock", "scripts/open", "there is no `scripts/open`"),
        ("run -- run knock", "run -p open", "there is no package `open`"),
    ] {
        let stale = complaint.starts_with("is not") && std::env::var_os("SNAPSHOTS").is_some();
        project.write("ARCHITECTURE.md", &document.replacen(part, change, 1));
        let complaints = complaints(project.root()).unwrap().join("\n");
        assert_eq!(complaints.is_empty(), complaint.is_empty() || stale, "{complaints}");
        assert!(stale || complaints.contains(complaint), "{complaints}");
    }
}
