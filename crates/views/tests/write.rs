//! Views as files.

use std::fs;

use trace::{Event, Trace};
use views::shiviz::PARSER;
use views::{ViewError, draw, file, write};

fn run() -> Trace {
    let mut trace = Trace::new(["n0", "n1"]);
    let pushed = trace.push(Event::send(0, 1, "m1").label("ask"));
    pushed.expect("the event is valid");
    trace
}

#[test]
fn the_ending_selects_the_view() {
    let folder = tempfile::tempdir().unwrap();
    let run = run();
    let mut lines = Vec::new();
    file::write(&run, &mut lines).unwrap();
    for (name, expected) in [
        ("run.txt", run.ladder(80)),
        ("run.svg", views::svg(&run)),
        ("run.html", views::html(&run, "run")),
        ("a.b.shiviz", views::shiviz::log(&run)),
        ("run.jsonl", String::from_utf8(lines).unwrap()),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, "what was there before").unwrap();
        let mut reported = Vec::new();
        draw(&run, Some(&path), |line| reported.push(line)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(reported[0], format!("wrote {}", path.display()));
        let has_parser = reported.get(1).is_some_and(|line| line.ends_with(PARSER));
        assert_eq!(has_parser, name == "a.b.shiviz");
    }
    draw(&run, None, |_| panic!("nothing is drawn")).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5, "nothing else is left");
}

#[test]
fn an_unknown_ending_is_refused_and_the_known_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["run.png", "run", "run.SVG", ".svg", "svg"] {
        let refused = write(&run(), &folder.path().join(name)).unwrap_err().to_string();
        let why = "its name must end in .txt, .svg, .html, .shiviz or .jsonl";
        assert!(refused.ends_with(why), "{refused}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none/run.svg");
    let refused = write(&run(), &nowhere).unwrap_err();
    assert_eq!(refused.to_string(), format!("cannot write {}", nowhere.display()));

    let taken = folder.path().join("taken.svg");
    fs::create_dir(&taken).unwrap();
    assert!(matches!(write(&run(), &taken), Err(ViewError::File { .. })));

    let kept = folder.path().join("kept.jsonl");
    fs::write(&kept, "kept").unwrap();
    let refused = write(&Trace::new(["a", "a"]), &kept);
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
    write(&run(), &link).unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), views::svg(&run()));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // The longest name that file systems take.
    let long = folder.path().join(format!("{}.svg", "n".repeat(251)));
    write(&run(), &long).unwrap();
    // The target has no ending of a view, and a device is written into and not replaced.
    symlink("/dev/full", folder.path().join("full.svg")).unwrap();
    assert!(write(&run(), &folder.path().join("full.svg")).is_err());
}
