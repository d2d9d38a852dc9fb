//! Real processes against clients, peers, disks and systems that misbehave.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use lesson_tests::Result;
use lesson_tests::process::TEST_TIMEOUT;

use crate::LESSON;

const ADD: &str = r#"{"type":"add","delta":1}"#;
const ADDED: &str = r#"{"type":"add_ok"}"#;

/// One end of a connection, read and written in lines.
struct Lines {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Lines {
    fn over(stream: TcpStream) -> Result<Lines> {
        stream.set_read_timeout(Some(TEST_TIMEOUT))?;
        let lines = BufReader::new(stream.try_clone()?);
        Ok(Lines { stream, lines })
    }

    fn connect(to: &str) -> Result<Lines> {
        Lines::over(TcpStream::connect(to)?)
    }

    fn say(&mut self, line: &str) -> Result<()> {
        Ok(self.stream.write_all(format!("{line}\n").as_bytes())?)
    }

    /// The next line; empty at the end.
    fn hear(&mut self) -> Result<String> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn ask(&mut self, line: &str) -> Result<String> {
        self.say(line)?;
        self.hear()
    }
}

/// A server that is not a replica: it answers the first line of each connection with what `answer`
/// makes of it, if anything.
fn fake_replica(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?.to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut client = Lines::over(stream?)?;
            let line = client.hear()?;
            if let Some(answer) = answer(&line) {
                client.say(&answer)?;
            }
        }
        Ok::<_, lesson_tests::Error>(())
    });
    Ok(addr)
}

#[test]
fn an_echo_is_not_an_acknowledgement() -> Result<()> {
    let echo = fake_replica(|line| Some(line.to_owned()))?;
    let add = LESSON.run(["add", "--to", &echo, "3"])?.expect_code(1)?;
    let why = format!("error: it may have been counted: the answer of {echo} is invalid");
    assert!(add.stderr.starts_with(&why), "{}", add.stderr);
    assert_eq!(add.stdout, "");
    Ok(())
}

#[test]
fn errors_are_short_however_long_the_answer_is() -> Result<()> {
    let refusal = format!(r#"{{"type":"error","code":14,"text":"{}"}}"#, "x".repeat(60_000));
    for answer in [refusal, "y".repeat(100_000), "HTTP/1.1 400".to_owned()] {
        let addr = fake_replica(move |_| Some(answer.clone()))?;
        for args in [&["read"][..], &["status"]] {
            let asked = LESSON.run(args.iter().chain(&["--to", &addr]))?;
            let error = asked.expect_code(1)?.stderr;
            assert!(error.starts_with("error: ") && error.len() < 1000, "{error}");
        }
    }
    Ok(())
}

#[test]
fn an_unanswered_add_reports_how_to_retry_it() -> Result<()> {
    let addr = fake_replica(|_| None)?;
    let add = LESSON.run(["add", "--to", &addr, "--deadline", "2s", "3"])?.expect_code(1)?;
    let lines: Vec<&str> = add.stderr.lines().collect();
    let [error, hint] = lines[..] else {
        panic!("{lines:?}");
    };
    assert!(error.starts_with("error: it may have been counted: "), "{error}");
    // As printed, it can be sent to a replica.
    let (_server, addr) = LESSON.serve("serve --data {scratch}")?;
    let to = addr.to_string();
    let numbers = hint.split_whitespace().take(4);
    let again: Vec<&str> = ["add", "--to", &to, "3"].into_iter().chain(numbers).collect();
    for _ in 0..2 {
        assert_eq!(LESSON.run(&again)?.expect_code(0)?.stdout, "3\n");
    }
    Ok(())
}

#[test]
fn the_last_number_of_all_can_be_used_and_none_after_it() -> Result<()> {
    let (_server, addr) = LESSON.serve("serve --data {scratch}")?;
    let to = addr.to_string();
    let last = u64::MAX.to_string();
    for (seq, says) in [("1", "1\n"), (&last, "2\n"), (&last, "2\n")] {
        let add = ["add", "--to", &to, "--client", "7", "--seq", seq, "1"];
        assert_eq!(LESSON.run(add)?.expect_code(0)?.stdout, says);
    }
    Ok(())
}

/// The answer is lost with the replica, which has counted; a replica that comes back knows.
#[cfg(unix)]
#[test]
fn a_replica_that_is_killed_before_it_answers_counts_once() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let serve = format!("serve --data {}", scratch.path().display());
    let (first, replica) = LESSON.serve(&serve)?;
    let between = TcpListener::bind("127.0.0.1:0")?;
    let to = between.local_addr()?.to_string();
    let add = thread::spawn(move || LESSON.run(["add", "--to", &to, "5"]));

    let mut client = Lines::over(between.accept()?.0)?;
    let asked = client.hear()?;
    let answer = Lines::connect(&replica.to_string())?.ask(&asked)?;
    assert_eq!(answer, r#"{"type":"add_ok"}"#);
    first.kill()?;
    drop(first);
    drop(client);

    let (_second, replica) = LESSON.serve(&serve)?;
    let (mut client, mut replica) =
        (Lines::over(between.accept()?.0)?, Lines::connect(&replica.to_string())?);
    assert_eq!(client.hear()?, asked, "it asks for the same add");
    client.say(&replica.ask(&asked)?)?;
    let read = client.hear()?;
    client.say(&replica.ask(&read)?)?;
    let added = add.join().expect("it does not panic")?;
    assert_eq!(added.expect_code(0)?.stdout, "5\n");
    Ok(())
}

const HELLO: &str =
    r#"{"hello":{"protocol":2,"cluster":"counter","nodes":2,"node":1,"incarnation":1}}"#;

#[cfg(unix)]
#[test]
fn an_invalid_claim_of_a_peer_is_ignored_and_logged() -> Result<()> {
    let (server, addr) = LESSON.serve("serve --data {scratch} --peer 127.0.0.1:9")?;
    let mut client = Lines::connect(&addr.to_string())?;
    assert_eq!(client.ask(r#"{"type":"add","delta":1}"#)?, r#"{"type":"add_ok"}"#);
    let mut peer = Lines::connect(&addr.to_string())?;
    let welcome = peer.ask(HELLO)?;
    let number = welcome.strip_prefix(r#"{"welcome":{"node":0,"incarnation":"#);
    let number = number.and_then(|rest| rest.strip_suffix("}}"));
    assert!(number.is_some_and(|number| number.parse::<u64>().is_ok()), "{welcome}");
    for _ in 0..50 {
        for wrong in ["[0,2]", "[1,9007199254740993]", "[2,1]", "[1,3],[0,2]"] {
            peer.say(&format!(r#"{{"message":{{"type":"push","entries":[{wrong}]}}}}"#))?;
        }
    }
    // The same entry ten thousand times is one.
    let many = vec!["[1,4]"; 10_000].join(",");
    peer.say(&format!(r#"{{"message":{{"type":"push","entries":[{many}]}}}}"#))?;
    let read = || client.ask(r#"{"type":"read"}"#);
    assert_eq!(last_of(read, |answer| answer.contains(":5}"))?, r#"{"type":"read_ok","value":5}"#);
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    // A second has room for 20 lines, and the first four show all that is wrong.
    let invalid = log.lines().filter(|line| line.contains("is invalid"));
    assert_eq!(invalid.collect::<BTreeSet<_>>().len(), 2, "{log}");
    let lost = log.lines().filter(|line| line.contains("refusing adds"));
    assert_eq!(lost.count(), 1, "the same claim is logged once: {log}");
    Ok(())
}

/// Asks until the answer is the one that is waited for, and gives up with the last.
fn last_of(
    mut ask: impl FnMut() -> Result<String>,
    is_it: impl Fn(&str) -> bool,
) -> Result<String> {
    let deadline = common::transport::Deadline::after(TEST_TIMEOUT);
    loop {
        let answer = ask()?;
        if is_it(&answer) || deadline.remaining().is_none() {
            return Ok(answer);
        }
    }
}

/// A program under a limit of the system's, as `bash` sets it.
#[cfg(unix)]
fn limited(limit: &str) -> std::process::Command {
    let mut command = lesson_tests::process::command("bash");
    let script = format!("{limit}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_durable-counter")]);
    command
}

/// Starts a replica alone under a limit. Its address.
#[cfg(unix)]
fn serve_limited(
    limit: &str,
    data: &std::path::Path,
) -> Result<(lesson_tests::process::Process, String)> {
    let mut command = limited(limit);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    let mut server = lesson_tests::process::Process::start(command)?;
    let line = server.next_line()?;
    let addr = line.strip_prefix("listening on ").map(str::to_owned);
    Ok((server, addr.ok_or_else(|| lesson_tests::Error::msg(line))?))
}

#[cfg(unix)]
#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let (server, addr) = serve_limited("trap '' XFSZ; ulimit -f 100", scratch.path())?;
    let mut client = Lines::connect(&addr)?;
    let mut acknowledged = 0;
    // The log grows by 64 KiB at a time: there is room for the first of them, and not for the next.
    // The answer that does not come is that of the add which found no room.
    while client.ask(r#"{"type":"add","delta":1}"#)? == r#"{"type":"add_ok"}"# {
        acknowledged += 1;
    }
    assert!(acknowledged > 10, "{acknowledged}");
    let error = server.finish()?.expect_code(1)?.stderr;
    assert!(error.contains("error: cannot write "), "{error}");
    let serve = format!("serve --data {}", scratch.path().display());
    let (_server, addr) = LESSON.serve(&serve)?;
    let mut client = Lines::connect(&addr.to_string())?;
    // The one that was not answered may be whole in the file.
    let values = [acknowledged, acknowledged + 1];
    let values = values.map(|value| format!(r#"{{"type":"read_ok","value":{value}}}"#));
    let read = client.ask(r#"{"type":"read"}"#)?;
    assert!(values.contains(&read), "{read}, and {acknowledged} were acknowledged");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_replica_under_load_ends_on_sigterm() -> Result<()> {
    let (server, addr) = LESSON.serve("serve --data {scratch} --peer 127.0.0.1:9")?;
    let addr = addr.to_string();
    // Some ask as fast as they are answered; others ask and read no answers; others are idle.
    let asking = (0..4).map(|_| {
        let mut client = Lines::connect(&addr)?;
        Ok(thread::spawn(move || while client.ask(ADD).is_ok_and(|answer| answer == ADDED) {}))
    });
    let asking: Vec<_> = asking.collect::<Result<_>>()?;
    let flooding = (0..4).map(|_| {
        let mut client = Lines::connect(&addr)?;
        Ok(thread::spawn(move || while client.say(ADD).is_ok() {}))
    });
    let flooding: Vec<_> = flooding.collect::<Result<_>>()?;
    let idle = Lines::connect(&addr)?;
    let mut client = Lines::connect(&addr)?;
    (0..20).try_for_each(|_| client.ask(ADD).map(|answer| assert_eq!(answer, ADDED)))?;
    server.terminate()?;
    server.finish()?.expect_code(0)?;
    drop(idle);
    asking.into_iter().chain(flooding).for_each(|client| client.join().expect("it ends"));
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_process_without_descriptors_logs_that_and_recovers() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let (server, addr) = serve_limited("ulimit -n 24", scratch.path())?;
    let mut clients = Vec::new();
    for _ in 0..30 {
        clients.push(Lines::connect(&addr)?);
    }
    // The last is served once others, which are idle, are disconnected.
    let last = clients.last_mut().expect("there are thirty");
    let answer = last.ask(r#"{"type":"add","delta":2}"#)?;
    assert_eq!(answer, r#"{"type":"add_ok"}"#);
    server.terminate()?;
    let log = server.finish()?.expect_code(0)?.stderr;
    assert!(log.contains("accepting a connection: "), "{log}");
    assert!(log.lines().count() < 5, "{log}");
    Ok(())
}
