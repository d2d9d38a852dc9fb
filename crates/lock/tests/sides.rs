//! The lock between real processes, some of which are killed or frozen.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::thread;

use common::transport::Deadline;
use lesson_tests::Result;
use lesson_tests::cluster::Cluster;
use lesson_tests::process::{Finished, TEST_TIMEOUT};
use lock::judge::{GETS, GIVES_BACK};
use trace::{Event, Trace};

use crate::LESSON;

const NODES: usize = 3;

fn prints(addr: &str, what: &str, expected: &str) -> Result<()> {
    let printed = LESSON.run([what, "--to", addr])?.expect_code(0)?;
    assert_eq!(printed.stdout, format!("{expected}\n"));
    Ok(())
}

fn refuses(addr: &str, what: &str) -> Result<()> {
    let refused = LESSON.run([what, "--to", addr])?.expect_code(1)?;
    let [why, next] = match what {
        "acquire" => [
            "holds the lock already, or waits for it",
            "wait until it is granted, then give it back with `release`",
        ],
        _ => ["does not hold the lock", "`acquire` takes it"],
    };
    let lines = format!("error: this node {why}\n       {next}");
    assert!(refused.stderr.starts_with(&lines), "{}", refused.stderr);
    assert_eq!(refused.stdout, "");
    Ok(())
}

fn judged(cluster: &Cluster) -> Result<Finished> {
    let files = cluster.traces();
    let files = files.iter().map(|file| file.as_os_str());
    LESSON.run([OsStr::new("judge")].into_iter().chain(files))?.expect_code(0)
}

/// Until a node has written this, it is asked to give the lock back, and refuses: it does not hold
/// it.
fn waits_in_vain_until(cluster: &Cluster, node: usize, written: &str) -> Result<()> {
    let deadline = Deadline::after(TEST_TIMEOUT);
    while !fs::read_to_string(cluster.trace(node))?.contains(written) {
        refuses(cluster.addr(node), "release")?;
        assert!(deadline.remaining().is_some(), "it never writes {written}");
    }
    refuses(cluster.addr(node), "release")
}

#[test]
fn an_impossible_node_number_is_refused() -> Result<()> {
    let alone = LESSON.run("node --id 3 --peer 127.0.0.1:1".split(' '))?.expect_code(1)?;
    assert!(alone.stderr.contains("with 1 peer there are 2, "), "{}", alone.stderr);
    let args = "node --id 3 --peer 127.0.0.1:1 --peer 127.0.0.1:2";
    let refused = LESSON.run(args.split(' '))?.expect_code(1)?;
    assert_eq!(
        refused.stderr,
        "error: there is no node 3: with 2 peers there are 3, counted from 0\n       \
         give a --peer for each other node\n"
    );
    Ok(())
}

#[test]
fn a_missing_folder_of_a_trace_is_named() -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().join("none");
    let args = ["node", "--listen", "127.0.0.1:0", "--trace"].map(OsStr::new);
    let file = folder.join("n0");
    let refused = LESSON.run(args.into_iter().chain([file.as_os_str()]))?.expect_code(1)?;
    assert_eq!(
        refused.stderr,
        format!(
            "error: cannot write the trace to {}: there is no folder {}\n       \
             make the folder first, with mkdir -p, or give a path in one that exists\n",
            file.display(),
            folder.display()
        )
    );
    Ok(())
}

#[test]
fn only_a_sent_request_gets_the_hint_that_the_node_may_wait() -> Result<()> {
    let deaf = TcpListener::bind("127.0.0.1:0")?;
    let to = deaf.local_addr()?.to_string();
    let hears = thread::spawn(move || {
        let (client, _) = deaf.accept()?;
        BufReader::new(client).read_line(&mut String::new())
    });
    let may_wait = "the node may wait for the lock";
    let unanswered = LESSON.run(["acquire", "--to", &to])?.expect_code(1)?.stderr;
    assert!(unanswered.contains(may_wait), "{unanswered}");
    hears.join().expect("it does not panic")?;
    // At the port of a client nothing listens, and nothing else can begin to.
    let server = TcpListener::bind("127.0.0.1:0")?;
    let client = TcpStream::connect(server.local_addr()?)?;
    let to = client.local_addr()?.to_string();
    for what in ["acquire", "release"] {
        let unheard = LESSON.run([what, "--to", &to])?.expect_code(1)?.stderr;
        assert!(unheard.contains("start the server first"), "{unheard}");
        assert!(!unheard.contains(may_wait), "{unheard}");
    }
    Ok(())
}

#[test]
fn a_judge_counts_in_words_that_fit() -> Result<()> {
    let mut run = Trace::new(["n0"]);
    for expected in [
        "no node held the lock\n",
        "held once: n0\n",
        "held 2 times: n0, n0\neach ended before the next began\n",
    ] {
        let mut out = Vec::new();
        lock::sides::judge(&run, &mut out)?;
        assert_eq!(String::from_utf8(out)?, expected);
        run.push(Event::local(0).label(GETS))?;
        run.push(Event::local(0).label(GIVES_BACK))?;
    }
    Ok(())
}

#[test]
fn a_node_asks_once_and_gives_back_what_it_holds() -> Result<()> {
    let mut cluster = LESSON.cluster(NODES)?;
    refuses(cluster.addr(0), "release")?;
    prints(cluster.addr(0), "acquire", "granted")?;
    refuses(cluster.addr(0), "acquire")?;
    refuses(cluster.addr(1), "release")?;
    prints(cluster.addr(0), "release", "released")?;
    refuses(cluster.addr(0), "release")?;
    prints(cluster.addr(0), "acquire", "granted")?;
    cluster.stop()?;
    assert!(judged(&cluster)?.stdout.starts_with("held 2 times: n0, n0\n"));
    Ok(())
}

#[test]
fn many_clients_of_three_nodes_never_hold_it_at_once() -> Result<()> {
    const TURNS: usize = 5;
    let mut cluster = LESSON.cluster(NODES)?;
    let take_turns = |addr: &str| {
        (0..TURNS).try_for_each(|_| {
            prints(addr, "acquire", "granted")?;
            prints(addr, "release", "released")
        })
    };
    let addrs: [&str; NODES] = std::array::from_fn(|node| cluster.addr(node));
    thread::scope(|scope| {
        let clients = addrs.map(|addr| scope.spawn(move || take_turns(addr)));
        let mut ended = clients.into_iter().map(|client| client.join());
        ended.try_for_each(|ended| ended.expect("a client does not panic"))
    })?;
    cluster.stop()?;
    let judged = judged(&cluster)?.stdout;
    assert!(judged.starts_with("held 15 times: "), "{judged}");
    assert!(judged.ends_with("each ended before the next began\n"));
    Ok(())
}

#[test]
fn a_frozen_node_delays_the_others_and_loses_nothing() -> Result<()> {
    let mut cluster = LESSON.cluster(NODES)?;
    prints(cluster.addr(2), "acquire", "granted")?;
    prints(cluster.addr(2), "release", "released")?;
    cluster.node(2).freeze()?;
    let mut client = cluster.client(1, &["acquire"])?;
    // The other node has acknowledged.
    waits_in_vain_until(&cluster, 1, r#""received":"n0-"#)?;
    cluster.node(2).thaw()?;
    assert_eq!(client.next_line()?, "granted");
    prints(cluster.addr(1), "release", "released")?;
    prints(cluster.addr(2), "acquire", "granted")?;
    cluster.stop()?;
    let judged = judged(&cluster)?.stdout;
    assert!(judged.starts_with("held 3 times: n2, n1, n2\n"), "{judged}");
    Ok(())
}

#[test]
fn a_killed_holder_blocks_the_lock_even_after_a_restart() -> Result<()> {
    let mut cluster = LESSON.cluster(NODES)?;
    prints(cluster.addr(0), "acquire", "granted")?;
    cluster.node(0).kill()?;
    cluster.node(1).logged("is gone")?;
    let client = cluster.client(1, &["acquire"])?;
    // The other node has acknowledged: there is nothing more to come.
    waits_in_vain_until(&cluster, 1, r#""received":"n2-"#)?;

    cluster.start_again(0)?;
    cluster.node(0).logged("this node has restarted: messages between it and node 1")?;
    let again = cluster.client(0, &["acquire"])?;
    for survivor in [1, 2] {
        cluster.node(survivor).logged("node 0 has restarted: messages between it and this node")?;
    }
    refuses(cluster.addr(1), "release")?;
    refuses(cluster.addr(0), "release")?;
    drop((client, again));
    Ok(())
}
