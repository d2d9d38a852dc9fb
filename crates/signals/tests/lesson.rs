//! The lesson's promises, and its lamp.

mod at_work;

use lesson_tests::Result;

lesson_tests::lesson!();

#[test]
fn the_lamp_shows_what_the_watcher_does() -> Result<()> {
    for (flags, does) in [
        (&[][..], "kept: \"Hello\""),
        (&["--fast", "5"], "dropped: byte 1 has no stop slot"),
        (&["--fast", "-5"], "dropped: byte 1 has no stop slot"),
        (&["--own", "3"], "not kept: it is for 2"),
        (&["--own", "3", "--to", "255"], "kept: \"Hello\""),
        (&["--flip", "25"], "dropped: byte 3 has wrong parity"),
        (&["--flip", "25", "--flip", "26"], "dropped: the CRC is wrong"),
    ] {
        let shown = LESSON.run([&["lamp", "Hello"], flags].concat())?.expect_code(0)?;
        assert!(shown.stdout.contains(does), "{flags:?}: {}", shown.stdout);
    }
    Ok(())
}

/// A cloud lights one slot of the H, and hides the CRC.
#[test]
fn each_byte_is_shown_as_it_was_sent_and_seen() -> Result<()> {
    let flips = ["--flip", "24", "--flip", "45", "--flip", "49", "--flip", "53"];
    let shown = LESSON.run([&["lamp", "Hi"][..], &flips].concat())?.expect_code(0)?;
    let table = "
    byte  slots     sent       the light    looked at    read as
       1  1 to 11   address 2  █▁▁▁▁▁▁█▁█▁  █▁▁▁▁▁▁█▁█▁  address 2
       2  12 to 22  length 2   █▁▁▁▁▁▁█▁█▁  █▁▁▁▁▁▁█▁█▁  length 2
       3  23 to 33  \"H\"        ███▁▁█▁▁▁▁▁  ███▁▁█▁▁▁▁▁  wrong parity
       4  34 to 44  \"i\"        █▁██▁█▁▁█▁▁  █▁██▁█▁▁█▁▁  \"i\"
       5  45 to 55  CRC 17     ▁▁▁▁▁▁▁▁▁▁▁               nothing

    light  watcher  does with the frame
    5.5 s        2  dropped: byte 3 has wrong parity
";
    assert_eq!(shown.stdout, table[1..]);
    Ok(())
}

#[test]
fn what_the_lamp_cannot_send_is_refused() -> Result<()> {
    let long = "x".repeat(256);
    for (args, code, error) in [
        (["lamp", &long, "--to", "2"], 1, "a frame carries at most 255 bytes, not 256"),
        (["lamp", "Hello", "--flip", "0"], 1, "--flip takes a number from 1 to 88"),
        (["lamp", "Hello", "--flip", "89"], 1, "--flip takes a number from 1 to 88"),
        (["lamp", "Hello", "--fast", "51"], 2, "51 is not in -50..=50"),
        (["lamp", "Hello", "--to", "256"], 2, "256 is not in 0..=255"),
    ] {
        let refused = LESSON.run(args)?.expect_code(code)?;
        assert!(refused.stderr.contains(error), "{}", refused.stderr);
    }
    Ok(())
}

#[test]
fn text_from_outside_does_not_move_the_cursor() -> Result<()> {
    let shown = LESSON.run(["lamp", "\x1b[2J\u{e9}"])?.expect_code(0)?;
    assert!(!shown.stdout.contains('\x1b') && shown.stdout.contains("\\u{1b}[2Jé"));
    Ok(())
}

#[test]
fn text_from_outside_is_shown_as_it_is() -> Result<()> {
    let shown = LESSON.run(["lamp", "**a**  b"])?.expect_code(0)?;
    assert!(shown.stdout.contains("kept: \"**a**  b\""), "{}", shown.stdout);
    Ok(())
}
