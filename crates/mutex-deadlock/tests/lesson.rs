//! The lesson's promises, what the compiler really reports, and the bank as real processes.

mod at_work;
mod shuttle;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use lesson_tests::Result;
use lesson_tests::process::{self, Finished, Process};
use mutex_deadlock::processes;
use mutex_deadlock::refusals::{PROGRAMS, Program};

lesson_tests::lesson!();

/// Compiles a program, and returns what the compiler reports.
fn compiled(program: &Program) -> Result<Finished> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let source = folder.join(program.file).with_extension("rs");
    fs::write(&source, program.source)?;
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args(["--edition", "2024", "--emit", "metadata", "--color", "never"])
        .arg("--out-dir")
        .arg(folder)
        .arg(source);
    process::run(rustc)
}

#[test]
fn the_quoted_compiler_messages_are_its_own() -> Result<()> {
    for program in PROGRAMS {
        let said = compiled(program)?;
        let Some(refusal) = program.refused else {
            assert_eq!((said.code, &*said.stderr), (Some(0), ""), "{}", program.file);
            continue;
        };
        let first = format!("error[{}]: {}", refusal.code, refusal.words);
        let errors = said.stderr.lines().filter(|line| line.starts_with("error["));
        assert_eq!(errors.collect::<Vec<_>>(), [first], "{}", said.stderr);
    }
    Ok(())
}

#[test]
fn a_thread_changes_the_variable_and_a_child_does_not() -> Result<()> {
    let seen = processes::compare(Path::new(env!("CARGO_BIN_EXE_mutex-deadlock")))?;
    assert_eq!((seen.before, seen.after_thread), (0, 1));
    assert_eq!((seen.in_child, seen.after_child), (1, 1));
    let no_output = processes::compare(Path::new(if cfg!(windows) { "whoami" } else { "true" }));
    assert!(no_output.is_err(), "{no_output:?}");
    Ok(())
}

#[test]
fn a_schedule_that_cannot_happen_is_not_drawn() -> Result<()> {
    let drawn = LESSON.run(["draw", "a.b.a"])?.expect_code(1)?;
    let error = "error: cannot draw this schedule: action 3, `a`, is impossible there; possible: \
                 nothing\n";
    assert!(drawn.stderr.starts_with(error), "{}", drawn.stderr);
    Ok(())
}

/// An account, two tellers, and the addresses of all three.
struct Bank {
    servers: [Process; 3],
    account: String,
    north: String,
    south: String,
}

fn bank(options: &str) -> Result<Bank> {
    let (account_process, account) = LESSON.serve("serve")?;
    let teller = || LESSON.serve(&format!("teller --account {account} {options}"));
    let (north_process, north) = teller()?;
    let (south_process, south) = teller()?;
    Ok(Bank {
        servers: [account_process, north_process, south_process],
        account: account.to_string(),
        north: north.to_string(),
        south: south.to_string(),
    })
}

fn ask(to: &str, requests: &[&str]) -> Result<String> {
    let asked = LESSON.run(["ask", "--to", to].iter().chain(requests))?;
    Ok(asked.expect_code(0)?.stdout)
}

#[test]
fn two_processes_lose_an_update() -> Result<()> {
    let Bank { servers, account, north, south } = bank("")?;
    assert_eq!(ask(&north, &["read"])?, "balance 100\n");
    assert_eq!(ask(&south, &["read"])?, "balance 100\n");
    assert_eq!(ask(&north, &["withdraw 50"])?, "paid 50, 50 left\n");
    assert_eq!(ask(&south, &["withdraw 30"])?, "paid 30, 70 left\n");
    assert_eq!(ask(&account, &["read"])?, "balance 70\n");
    let [account, ..] = servers;
    account.terminate()?;
    assert_eq!(
        account.finish()?.expect_code(0)?.stderr,
        "read: balance 100\nread: balance 100\nwrite 50: written 50\nwrite 70: written 70\nread: \
         balance 70\n"
    );
    Ok(())
}

#[test]
fn two_processes_that_compare_and_set_do_not() -> Result<()> {
    let Bank { servers: _servers, account, north, south } = bank("--compare-and-set")?;
    assert_eq!(ask(&north, &["read"])?, ask(&south, &["read"])?);
    assert_eq!(ask(&north, &["withdraw 50"])?, "paid 50, 50 left\n");
    let twice = ask(&south, &["withdraw 30", "withdraw 30"])?;
    assert_eq!(twice, "paid 30, 20 left, at attempt 2\nrefused, the account holds 20\n");
    assert_eq!(ask(&account, &["read"])?, "balance 20\n");
    Ok(())
}

#[test]
fn a_teller_without_an_account_reports_it_and_goes_on() -> Result<()> {
    let Bank { servers, account: _, north, south } = bank("--compare-and-set")?;
    let [account, _north, _south] = servers;
    assert_eq!(ask(&north, &["read"])?, "balance 100\n");
    drop(account);
    for (teller, request) in [(&north, "withdraw 50"), (&south, "withdraw 50"), (&south, "read")] {
        let answer = ask(teller, &[request])?;
        let what = "error: the account cannot be asked, nothing was paid: cannot connect to ";
        let why = "connection refused, nothing listens there\n";
        assert!(answer.starts_with(what) && answer.ends_with(why), "{answer}");
    }
    Ok(())
}

#[test]
fn a_teller_rejects_an_invalid_answer_of_the_account() -> Result<()> {
    let (_other, other) = LESSON.serve("teller --account 127.0.0.1:1")?;
    let (_teller, teller) = LESSON.serve(&format!("teller --account {other}"))?;
    let answer = ask(&teller.to_string(), &["read"])?;
    assert!(answer.starts_with("error: the account answers \"error: "), "{answer}");
    Ok(())
}

#[test]
fn typed_lines_are_answered_and_hostile_bytes_do_no_harm() -> Result<()> {
    let (_account, addr) = LESSON.serve("serve --balance 7")?;
    let mut typed = connect(addr)?;
    typed.write_all(b"read\nwrite\nwrite -1\n\xff\x1b[2J\nwrite 99999999999999999999\nread\n")?;
    let unknown = "unknown request, try: read, write 50, compare-and-set 100 50\n";
    let expected = format!("balance 7\n{}balance 7\n", unknown.repeat(4));
    let mut answers = vec![0; expected.len()];
    typed.read_exact(&mut answers)?;
    assert_eq!(String::from_utf8(answers)?, expected);

    let mut endless = connect(addr)?;
    // The server closes before it has read all of this, so the write may fail; what counts is that
    // it closes.
    let _ = endless.write_all(&[b'x'; 1 << 20]);
    assert!(matches!(endless.read(&mut [0; 1]), Ok(0) | Err(_)));
    assert_eq!(ask(&addr.to_string(), &["read"])?, "balance 7\n");
    Ok(())
}

#[test]
fn a_missing_server_and_a_missing_request_are_errors() -> Result<()> {
    let (server, addr) = LESSON.serve("serve")?;
    server.terminate()?;
    server.finish()?.expect_code(0)?;
    let to = addr.to_string();
    let refused = LESSON.run(["ask", "--to", &to, "read"])?.expect_code(1)?;
    assert_eq!(
        refused.stderr,
        format!(
            "error: cannot connect to {to}: connection refused, nothing listens there\n       \
             start the server first, in another terminal\n"
        )
    );
    LESSON.run(["ask", "--to", &to])?.expect_code(2)?;
    LESSON.run(["serve", "--balance", "-5"])?.expect_code(2)?;
    Ok(())
}

fn connect(addr: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}
