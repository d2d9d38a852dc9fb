//! Views as files.

use std::fs;
use std::path::Path;

use clap::Parser;
use trace::shiviz::PARSER;
use trace::view::{DrawArgs, View, ViewError};
use trace::{Event, Trace, file};

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    draw: DrawArgs,
}

fn run() -> Trace {
    let mut trace = Trace::new(["n0", "n1"]);
    let pushed = trace.push(Event::send(0, 1, "m1").label("ask"));
    pushed.expect("it can have happened");
    trace
}

#[test]
fn the_ending_says_the_view() {
    let folder = tempfile::tempdir().unwrap();
    let run = run();
    let mut lines = Vec::new();
    file::write(&run, &mut lines).unwrap();
    for (name, view, expected) in [
        ("run.txt", View::Text, run.ladder(80)),
        ("run.svg", View::Svg, run.svg()),
        ("run.html", View::Html, run.html("run")),
        ("a.b.shiviz", View::ShiViz, run.shiviz()),
        ("run.jsonl", View::JsonLines, String::from_utf8(lines).unwrap()),
    ] {
        let path = folder.path().join(name);
        assert_eq!(View::of(&path), Ok(view));
        fs::write(&path, "what was there before").unwrap();
        let cli = Cli::parse_from(["it".as_ref(), "--draw".as_ref(), path.as_os_str()]);
        let mut told = Vec::new();
        cli.draw.draw(&run, |line| told.push(line)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(told[0], format!("wrote {}", path.display()));
        let has_parser = told.get(1).is_some_and(|line| line.ends_with(PARSER));
        assert_eq!(has_parser, view == View::ShiViz);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "nothing else is left");
}

#[test]
fn another_ending_is_refused_and_the_endings_are_named() {
    for name in ["run.png", "run", "run.SVG", ".svg", "svg", ""] {
        assert!(View::of(Path::new(name)).is_err(), "{name}");
    }
    let refused = Cli::try_parse_from(["it", "--draw", "run.png"]).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    let why = "its name must end in .txt, .svg, .html, .shiviz or .jsonl";
    assert!(refused.to_string().contains(why), "{refused}");
}

#[test]
fn what_cannot_be_written_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none/run.svg");
    let refused = View::Svg.write(&run(), &nowhere).unwrap_err();
    assert_eq!(refused.to_string(), format!("cannot write {}", nowhere.display()));

    let taken = folder.path().join("taken.svg");
    fs::create_dir(&taken).unwrap();
    assert!(matches!(View::Svg.write(&run(), &taken), Err(ViewError::File { .. })));

    let kept = folder.path().join("kept.jsonl");
    fs::write(&kept, "kept").unwrap();
    let refused = View::JsonLines.write(&Trace::new(["a", "a"]), &kept);
    assert!(matches!(refused, Err(ViewError::Trace { .. })));
    assert_eq!(fs::read_to_string(&kept).unwrap(), "kept");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_permissions_stay() {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("run.svg"), folder.path().join("link.svg"));
    fs::write(&file, "before").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    symlink("run.svg", &link).unwrap();
    View::Svg.write(&run(), &link).unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), run().svg());
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // The longest name that file systems take.
    let long = folder.path().join(format!("{}.svg", "n".repeat(251)));
    View::Svg.write(&run(), &long).unwrap();
    assert!(View::Svg.write(&run(), "/dev/full".as_ref()).is_err());
}

#[test]
fn without_the_flag_nothing_is_drawn() {
    let drawn = Cli::parse_from(["it"]).draw.draw(&run(), |_| panic!("nothing is told"));
    assert!(drawn.is_ok());
}
