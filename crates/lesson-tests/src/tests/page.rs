//! A page that is right passes, and each way to be wrong is named.

use std::time::Duration;

use crate::Lesson;
use crate::process::SHORT_MOMENT;

use super::project::Project;

const PAGE: &str = "\
# 01 knock

**Is anybody there?**

Reading and running 10 minutes, breaking it 4. Before it: [it](../../README.md#knocking-twice).

## Predict

1. Is it open?

## Run

```sh
cargo run -p knock -- send a   # in one terminal
COLUMNS=40 cargo test -p knock | less
nc 127.0.0.1 8888
scripts/knock
```

<details>
<summary>What it prints</summary>

<!-- script: scripts/knock -->
```text
client | nobody, after ≈ 2 ms
```

</details>

## What you saw

<!-- transcript: 1 -->
```text
 1  Knock ── real sockets ──

    On 127.0.0.1:40000, after ≈ 1 ms.
```

## Why

Like this, [in the source](../../crates/knock/src/lib.rs):

<!-- quote: crates/knock/src/lib.rs impl Door / fn knock -->
```rust
pub fn knock() {
    \"knock\"
}
```

```
any drawing
```

## Break it

1. (3 minutes, 1 more to build) Knock twice.
2. (1 minute) Knock once:

```console
$ cargo run -p knock -- send 'a b'
error: nobody takes `a b`
```

<details>
<summary>What you should have seen</summary>

1. Twice.
2. Once.

</details>

<details>
<summary>The answers to Predict</summary>

1. No.

</details>

## In production

See <https://www.rfc-editor.org/rfc/rfc862>.

## In one glance

1. Who?
2. Where?
3. When?

<details>
<summary>Answers</summary>

1. Nobody.
2. There.
3. Now.

</details>

## Sources

Next: [02 open](../02-open/README.md). Who opens?
";

const PROGRAM: &str = "
case \"$*\" in
'') printf 'knock\\n\\n 1  Knock ── real sockets ──\\n\\n    On 127.0.0.1:50000, after ≈ 3 ms.\\n'
    printf '\\n 2  Wait ── virtual time ──\\n\\n    Nothing.\\n\\n    Next: Who opens?\\n' ;;
*--bogus*) exit 2 ;;
*--help) ;;
*) echo \"error: nobody takes \\`$2\\`\" >&2; exit 1
esac
";

const TRANSCRIPT: &str = "\
knock

 1  Knock ── real sockets ──

    On 127.0.0.1:40000, after ≈ 1 ms.

 2  Wait ── virtual time ──

    Nothing.

    Next: Who opens?
";

fn project(test: &str, page: &str) -> Project {
    let project = Project::new(&format!("page-{test}"));
    project.write("README.md", "# Course\n\n## Knocking, twice\n");
    project.write("program.sh", PROGRAM);
    project.write("scripts/knock", "echo 'client | nobody, after ≈ 4 ms'\n");
    let source = "impl Door {\n    pub fn knock() {\n        \"knock\"\n    }\n}\n";
    project.write("crates/knock/src/lib.rs", source);
    project.write("crates/knock/tests/transcript.txt", TRANSCRIPT);
    project.write("lessons/01-knock/README.md", page);
    project.write("lessons/02-open/README.md", "# 02 open\n\n**Who opens?**\n");
    project.write("lessons/03-close/README.md", "# 03 close\n\n**Who closes?**\n");
    project
}

#[test]
fn a_page_that_is_right_passes() {
    let lesson = project("right", PAGE).lesson();
    lesson.page().unwrap();
    lesson.transcript().unwrap();
    lesson.script().unwrap();
}

/// With this in the environment, what is stale is written anew and is no complaint.
fn refreshing() -> bool {
    std::env::var_os("SNAPSHOTS").is_some()
}

/// Changes `part` of the page and expects a complaint in these words.
fn wrong(test: &str, part: &str, change: &str, complaint: &str) {
    assert!(PAGE.contains(part), "{test}: nothing to change");
    let project = project(test, &PAGE.replacen(part, change, 1));
    complains(test, &project, Lesson::page, complaint);
}

fn complains(
    test: &str,
    project: &Project,
    check: fn(&Lesson) -> crate::Result<()>,
    complaint: &str,
) {
    let error = format!("{:#}", check(&project.lesson()).expect_err(test));
    assert!(error.contains(complaint), "{test}: {error}");
}

#[test]
fn a_part_that_is_missing_is_named() {
    wrong("title", "# 01 knock", "# knock", "it begins with its title and its question");
    wrong("question", "anybody", "nobody", "it begins with its title and its question");
    wrong("part", "## Why\n", "", "its parts (`##`) are");
    wrong(
        "order",
        "## Predict\n\n1. Is it open?\n\n## Run",
        "## Run\n\n## Predict\n\n1. Is it open?",
        "its parts (`##`) are",
    );
    let exercise = project("exercise", PAGE);
    exercise.write("crates/checks/src/knock/stub.rs", "");
    complains("exercise", &exercise, Lesson::page, "\"Exercise\"");
}

#[test]
fn minutes_that_are_missing_or_too_few_are_named() {
    let line = "a line says `Reading and running 35 minutes, breaking it 20, the exercise 25.";
    wrong("time", "running 10", "running ten", line);
    wrong("breaking", "breaking it 4", "breaking it 3", "\"Break it\" take 4 minutes together");
    wrong("task", "(1 minute) ", "", "each task of \"Break it\" says how long it takes");
    wrong("no-exercise", "it 4.", "it 4, the exercise 5.", "it says how long the exercise takes");
    if !refreshing() {
        let long = format!("Like {}this", "as ever ".repeat(500));
        wrong("words", "Like this", &long, "question and command take 15 minutes; it says 10");
    }
}

#[test]
fn what_is_open_and_what_is_folded_is_held() {
    let fold = "a fold is `<details>`, below it `<summary>…</summary>`, an empty line";
    wrong("nested", "1. No.", "<details>\n<summary>No</summary>\n\n1. No.", fold);
    wrong("summary", "What it prints</summary>\n", "What it prints</summary>", fold);
    wrong("unclosed", "3. Now.\n\n</details>", "3. Now.\n\n", "has no `</details>`");
    wrong(
        "open-script",
        "<details>\n<summary>What it prints</summary>\n\n",
        "</details>\n",
        "what scripts/knock prints is folded",
    );
    wrong("script-name", "scripts/knock\n```", "```", "no `sh` fence has the command `scripts/");
    let step = "<!-- transcript: 2 -->\n```text\n 2  Wait ── virtual time ──\n\n    Nothing.\n\n\
                \x20   Next: Who opens?\n```\n\n## Why";
    wrong("steps", "## Why", step, "2 steps of the run stand open; 1 at most");
}

#[test]
fn a_question_without_an_answer_is_named() {
    wrong("predict", "1. No.", "No.", "\"The answers to Predict\" has 0 answers to 1 questions");
    wrong("seen", "2. Once.", "", "\"What you should have seen\" has 1 answers to 2 questions");
    wrong("recall", "3. When?", "", "ends with 3 questions to recall");
    wrong("number", "1. No.", "1. 2. Or three.", "`1. 2. Or three.` is shown as a list in a list");
    wrong("recalled", "3. Now.", "", "\"Answers\" has 2 answers to 3 questions");
}

#[test]
fn the_next_lesson_is_the_one_that_follows() {
    let line = "its last line is `Next: [02 open](../02-open/README.md). Who opens?`";
    wrong("next", "../02-open/README.md). Who opens?", "../03-close/README.md). Who closes?", line);
    wrong("next-question", "). Who opens?", "). Who closes?", line);
    let last = project("next-none", PAGE);
    last.remove("lessons/02-open/README.md");
    last.remove("lessons/03-close/README.md");
    complains("next-none", &last, Lesson::page, "no lesson follows, but the last line names one");
    let silent = project("next-silent", PAGE);
    silent.write("program.sh", &PROGRAM.replace("Next:", "After:"));
    complains("next-silent", &silent, Lesson::page, "the run ends with `Next: Who opens?`");
}

#[test]
fn text_that_is_stale_is_named() {
    if refreshing() {
        return;
    }
    let stale = "is not what comes out now";
    wrong("quote", "\"knock\"", "\"KNOCK\"", stale);
    wrong("transcript", "On 127", "At 127", stale);
    wrong("script", "| nobody", "| somebody", stale);
    wrong("console", "takes `a b`", "takes `a`", stale);
}

#[test]
fn a_fence_that_nothing_holds_is_named() {
    wrong(
        "no-quote",
        "<!-- quote: crates/knock/src/lib.rs impl Door / fn knock -->\n",
        "",
        "code is quoted",
    );
    wrong("no-step", "<!-- transcript: 1 -->\n", "", "output is recorded");
    wrong("unknown", "<!-- script:", "<!-- scirpt:", "there are `quote` before `rust`");
    wrong(
        "stray",
        "\n```\nany drawing\n```",
        "\n<!-- script: scripts/knock -->\nText",
        "needs a fence after it",
    );
}

#[test]
fn a_source_a_step_or_a_script_that_does_not_exist_is_named() {
    wrong("file", "src/lib.rs impl", "src/door.rs impl", "cannot read crates/knock/src/door.rs");
    wrong("item", "fn knock -->", "fn open -->", "there is no `fn open`");
    wrong("step", "transcript: 1", "transcript: 3", "the transcript has no step `3`");
    wrong(
        "script-gone",
        "script: scripts/knock",
        "script: scripts/open",
        "there is no scripts/open",
    );
    wrong("sh-package", "-p knock -- send", "-p open -- send", "there is no package `open`");
    wrong("sh-flag", "send a", "send --bogus", "`knock send --bogus` is refused");
    wrong("sh-script", "scripts/knock\n", "scripts/open\n", "there is no `scripts/open`");
    wrong("console-other", "$ cargo run -p knock", "$ cargo run", "cannot be run again");
    wrong("console-pipe", "'a b'", "'a b' | head", "cannot be run again");
    wrong(
        "console-empty",
        "$ cargo run -p knock",
        "cargo run -p knock",
        "lines that begin with `$ `",
    );
}

#[test]
fn a_link_that_leads_nowhere_is_named() {
    let link = |test, change, complaint| {
        wrong(test, "../../crates/knock/src/lib.rs)", &format!("{change})"), complaint)
    };
    link(
        "gone",
        "../../crates/open",
        "README.md:41: the link `../../crates/open` leads to crates/open, which does not exist",
    );
    link("outside", "../../../etc", "leads out of the project");
    link("anchor", "#knock", "names no heading of lessons/01-knock/README.md");
    link("code-line", "../../crates/knock/src/lib.rs#L1", "a file that has no headings");
    link("scheme", "ftp://a.example", "unknown scheme `ftp`");
    link("host", "https:///path", "has no host name");
    link("domain", "https://rfc-editor/rfc", "has no host name");
    link(
        "exercise-link",
        "exercise.rs",
        "leads to lessons/01-knock/exercise.rs, which does not exist",
    );
    // The reader's file may be gone, not what it starts as.
    let exercise = PAGE
        .replace("../../crates/knock/src/lib.rs)", "exercise.rs)")
        .replace("breaking it 4.", "breaking it 4, the exercise 20.")
        .replace("## In production", "## Exercise\n\n## In production");
    let project = project("exercise-gone", &exercise);
    project.write("crates/checks/src/knock/stub.rs", "");
    project.lesson().page().unwrap();
}

#[test]
fn a_wrong_or_missing_page_transcript_or_script_is_named() {
    let no_page = project("no-page", PAGE);
    no_page.remove("lessons/01-knock/README.md");
    complains("no-page", &no_page, Lesson::page, "CONTRIBUTING.md says what stands on one");

    if !refreshing() {
        let no_transcript = project("no-transcript", PAGE);
        no_transcript.remove("crates/knock/tests/transcript.txt");
        complains("no-transcript", &no_transcript, Lesson::transcript, "SNAPSHOTS=overwrite");
    }

    let script = |test, script, complaint| {
        let project = project(test, PAGE);
        project.write("scripts/knock", script);
        complains(test, &project, Lesson::script, complaint);
    };
    script("script-fails", "exit 3", "must exit with 0, and exits with 3");
    SHORT_MOMENT.set(Some(Duration::from_secs(1)));
    script("script-leaves", "echo a; sleep 600 >/dev/null 2>&1 &", "leaves a process running");
    script("script-wide", "printf '%081d' 0", "has 81 columns");
}
