//! Whole screens, as a reader sees them at 80 columns and at 40, and what holds for every text.

use std::io;

use narration::{Answer, Narrator, Table};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

fn screen(width: usize, story: impl FnOnce(&mut Narrator<'_>) -> io::Result<()>) -> String {
    let mut screen = Vec::new();
    story(&mut Narrator::plain(width, &mut screen)).expect("a Vec takes everything");
    format!("\n{}", String::from_utf8(screen).expect("text is UTF-8"))
}

fn step(narrator: &mut Narrator<'_>) -> io::Result<()> {
    narrator.title("echo", "How do two programs talk, and what is one message?")?;
    narrator.step("Bytes, not messages", "real sockets")?;
    narrator.say("The client writes twice. Then the server reads once.")?;
    narrator.event("client", "write", "6f 6e 65             \"one\"")?;
    narrator.event("client", "shut down", "")?;
    narrator.predict(
        "How many bytes does that one read return?",
        6,
        "Both writes were waiting, and a read takes what is there.",
    )?;
    narrator.event("127.0.0.1:40000", "read", "6f 6e 65 74 77 6f    \"onetwo\"")?;
    narrator.say(
        "A **byte stream** keeps the order of the bytes and forgets where each write of 5 ms \
         ended:",
    )?;
    narrator.bullet("a delimiter")?;
    narrator.bullet("or a length prefix, which says how many bytes come")?;
    narrator.remember("Mark your messages.", "No answer came. What happened?")
}

#[test]
fn a_step_at_80_columns() {
    assert_eq!(
        screen(80, step),
        r#"
 echo
 How do two programs talk, and what is one message?

 1  Bytes, not messages ────────────────────────────────────── real sockets ──

    The client writes twice. Then the server reads once.

      client   write       6f 6e 65             "one"
      client   shut down

    ? How many bytes does that one read return?
      6. Both writes were waiting, and a read takes what is there.

      127.0.0.1:40000   read        6f 6e 65 74 77 6f    "onetwo"

    A byte stream keeps the order of the bytes and forgets where each write of
    5 ms ended:

    - a delimiter
    - or a length prefix, which says how many bytes come

 Remember ────────────────────────────────────────────────────────────────────

    Mark your messages.

    Next: No answer came. What happened?
"#
    );
}

#[test]
fn a_step_at_40_columns() {
    assert_eq!(
        screen(40, step),
        r#"
 echo
 How do two programs talk, and what is
 one message?

 1  Bytes, not messages
    (real sockets)

    The client writes twice. Then the
    server reads once.

    client  write      6f 6e 65
                       "one"
    client  shut down

    ? How many bytes does that one read
      return?
      6. Both writes were waiting, and a
      read takes what is there.

    127.0.0.1:40000  read
      6f 6e 65 74 77 6f    "onetwo"

    A byte stream keeps the order of the
    bytes and forgets where each write
    of 5 ms ended:

    - a delimiter
    - or a length prefix, which says how
      many bytes come

 Remember ────────────────────────────

    Mark your messages.

    Next: No answer came. What happened?
"#
    );
}

fn tables(narrator: &mut Narrator<'_>) -> io::Result<()> {
    narrator.table(
        &Table::new(["policy", "attempts", "wait", "back after, s"])
            .row(["at once", "9,412", "0 s", "never"])
            .marked_row(["full jitter", "431", "≈ 203 ms", "14.25"])
            .row(["1 s fixed", "444", "1.5 s", "3.1"]),
    )?;
    narrator.table(
        &Table::new(["error", "what it proves", "executed?"])
            .marked_row([
                "ConnectionRefused",
                "nobody listens on that port, or a firewall says so",
                "no",
            ])
            .row(["TimedOut", "nothing", "-"]),
    )
}

#[test]
fn tables_at_80_columns() {
    assert_eq!(
        screen(80, tables),
        "
    policy       attempts       wait  back after, s
    at once         9,412      0 s            never
    full jitter       431  ≈ 203 ms           14.25  ◀
    1 s fixed         444      1.5 s           3.1

    error              what it proves                               executed?
    ConnectionRefused  nobody listens on that port, or a firewall   no         ◀
                       says so
    TimedOut           nothing                                      -
"
    );
}

#[test]
fn tables_at_40_columns() {
    assert_eq!(
        screen(40, tables),
        "
    policy: at once
      attempts: 9,412
      wait: 0 s
      back after, s: never
    policy: full jitter  ◀
      attempts: 431
      wait: ≈ 203 ms
      back after, s: 14.25
    policy: 1 s fixed
      attempts: 444
      wait: 1.5 s
      back after, s: 3.1

    error: ConnectionRefused  ◀
      what it proves: nobody listens on
        that port, or a firewall says so
      executed?: no
    error: TimedOut
      what it proves: nothing
      executed?: -
"
    );
}

#[test]
fn a_picture_keeps_its_spaces_and_fits_where_it_can() {
    assert_eq!(
        screen(40, |narrator| narrator.picture("  │\n\n  ● one")),
        "\n      │\n\n      ● one\n"
    );
    let wide = format!("  {}", "─".repeat(37));
    assert_eq!(screen(40, |narrator| narrator.picture(&wide)), format!("\n {wide}\n"));
}

#[test]
fn waiting_events_are_written_in_the_end() {
    assert_eq!(
        screen(80, |narrator| narrator.event("client", "close", "")),
        "\n      client   close\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a peer sends: no line is too long, and nothing steers the terminal.
    #[test]
    fn every_line_fits(
        width in 30_usize..=80,
        texts in prop::array::uniform4("(\\PC{0,12} ?){0,8}|.{0,60}"),
    ) {
        let [a, b, c, d] = &texts;
        let shown = screen(width, |narrator| {
            narrator.title(a, b)?;
            narrator.step(c, d)?;
            narrator.say(a)?;
            narrator.bullet(b)?;
            narrator.event(a, b, c)?;
            narrator.event("client", "read", d)?;
            narrator.picture(&texts.join("\n"))?;
            let table = Table::new([a, b, "1.5"]).row([c, d, "203 ms"]);
            narrator.table(&table.marked_row([d, a, "≈ 7"]))?;
            narrator.predict(a, Answer::quantity(b), c)?;
            narrator.remember(c, d)
        });
        for line in shown.lines() {
            prop_assert!(line.width() <= width, "{} columns of {width}: {line:?}", line.width());
            prop_assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
}
