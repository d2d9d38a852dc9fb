//! The lesson's promises, and its sides as real processes.

mod at_work;

use std::fs;
use std::process::Command;

use lesson_tests::Result;
use lesson_tests::process::{Finished, Process};

lesson_tests::lesson!();

fn lines(finished: &Finished) -> Vec<&str> {
    finished.stdout.lines().collect()
}

#[test]
fn a_path_is_printed_router_by_router() -> Result<()> {
    let to_server = LESSON.run(["trace-route", "203.0.113.80"])?.expect_code(0)?;
    let names: Vec<_> =
        to_server.stdout.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    assert_eq!(names, ["home", "north", "east", "server"]);
    assert!(to_server.stdout.ends_with("reached\n"));

    let no_route = LESSON.run(["trace-route", "8.8.8.8"])?.expect_code(0)?;
    assert!(lines(&no_route)[1].ends_with("no route"), "{}", no_route.stdout);

    // An address of the laptop's network that no machine has: two routers send it back and forth.
    let circle = LESSON.run(["trace-route", "192.0.2.99"])?.expect_code(0)?;
    assert_eq!(lines(&circle).len(), 30);
    Ok(())
}

#[test]
fn a_wrong_address_is_reported() -> Result<()> {
    for wrong in ["", "localhost", "203.0.113.256", "::1", "203.0.113.80/24"] {
        let refused = LESSON.run(["trace-route", wrong])?.expect_code(2)?;
        assert!(refused.stderr.contains("invalid IPv4 address syntax"), "{}", refused.stderr);
    }
    Ok(())
}

#[test]
fn a_pcap_file_is_new_and_has_the_packets() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("run.pcap");
    let write = |file: &str| LESSON.run(["trace-route", "203.0.113.80", "--pcap", file]);
    write(&file.to_string_lossy())?.expect_code(0)?;
    let bytes = fs::read(&file)?;
    // A header, then four probes of 33 bytes and four errors that quote them whole, each with 16
    // bytes before it.
    assert_eq!(bytes.len(), 24 + 4 * (16 + 33) + 4 * (16 + 20 + 8 + 33));

    for taken in [&file, folder.path(), &folder.path().join("none/run.pcap")] {
        let refused = write(&taken.to_string_lossy())?.expect_code(1)?;
        let expected = format!("error: cannot create {}: ", taken.display());
        assert!(refused.stderr.starts_with(&expected), "{}", refused.stderr);
        assert_eq!(
            refused.stderr.lines().nth(1),
            Some("       --pcap takes the name of a new file")
        );
    }
    assert_eq!(fs::read(&file)?, bytes, "the old file is as it was");
    Ok(())
}

#[test]
fn a_link_is_drawn_as_its_chances_and_seed_have_it() -> Result<()> {
    let draw = |args: &str| LESSON.run(["link"].into_iter().chain(args.split_whitespace()));
    let one_of_each = draw("")?.expect_code(0)?.stdout;
    for fault in ["2 lost", "4 again", "6 late"] {
        assert!(one_of_each.contains(fault), "{one_of_each}");
    }
    let first = draw("--lost 50 --seed 1")?.expect_code(0)?.stdout;
    assert_eq!(first, draw("--lost 50 --seed 1")?.expect_code(0)?.stdout);
    assert_ne!(first, draw("--lost 50 --seed 2")?.expect_code(0)?.stdout);
    let all = draw("--lost 100")?.expect_code(0)?.stdout;
    assert_eq!(all.matches("lost").count(), 8);
    assert!(draw("--flipped 100")?.expect_code(0)?.stdout.contains("wrong checksum"));
    assert!(draw("--lost 101")?.expect_code(2)?.stderr.contains("101 is not in 0..=100"));
    Ok(())
}

/// The kernel as the laptop. Each test ends at once, and says so, where this system cannot do it.
#[cfg(target_os = "linux")]
mod tun {
    use super::*;

    /// Says when it runs, and then waits.
    const SLEEPS: &str = "echo ready; exec sleep 1000";

    /// Whether the kernel can be the laptop here.
    fn works() -> Result<bool> {
        let tried = LESSON.run(["tun", "--", "true"])?;
        if tried.code == Some(2) {
            assert!(tried.stderr.starts_with("error: "), "{}", tried.stderr);
            narration::log(format!("skipped: {}", tried.stderr));
            return Ok(false);
        }
        tried.expect_code(0)?;
        Ok(true)
    }

    /// Runs this command on the laptop.
    fn tun(command: &[&str]) -> Result<Finished> {
        tun_with(&[], command)
    }

    fn tun_with(flags: &[&str], command: &[&str]) -> Result<Finished> {
        LESSON.run([&["tun"], flags, &["--"], command].concat())
    }

    fn is_installed(program: &str) -> bool {
        Command::new(program).arg("-V").output().is_ok()
    }

    #[test]
    fn the_command_has_the_laptops_network_alone_and_its_exit_code_counts() -> Result<()> {
        if !works()? {
            return Ok(());
        }
        let network = tun(&["sh", "-c", "ip -4 -o addr; ip route"])?.expect_code(0)?.stdout;
        assert!(network.contains("192.0.2.10/32") && network.contains("default dev tun0"));
        assert_eq!(network.lines().count(), 3, "loopback, the laptop, and one route: {network}");
        tun(&["sh", "-c", "exit 7"])?.expect_code(7)?;
        tun(&["sh", "-c", "kill -9 $$"])?.expect_code(128 + 9)?;
        let missing = tun(&["no-such-program"])?.expect_code(127)?;
        assert_eq!(missing.stderr.lines().count(), 1, "{}", missing.stderr);
        Ok(())
    }

    #[test]
    fn ping_crosses_three_routers_and_the_file_has_its_packets() -> Result<()> {
        if !works()? || !is_installed("ping") {
            return Ok(());
        }
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("ping.pcap");
        let file = file.to_string_lossy();
        let ping = ["ping", "-c", "1", "203.0.113.80"];
        let ping = tun_with(&["--pcap", &file, "--log"], &ping)?.expect_code(0)?;
        assert!(ping.stdout.contains(" ttl=61 "), "{}", ping.stdout);
        assert!(ping.stderr.contains("north > east"), "{}", ping.stderr);
        // A request and a reply.
        assert!(fs::read(&*file)?.len() >= 24 + 2 * (16 + 84));
        let refused = tun_with(&["--pcap", &file], &["true"])?.expect_code(1)?;
        assert!(refused.stderr.contains("--pcap takes the name of a new file"));
        Ok(())
    }

    #[test]
    fn whatever_ends_it_ends_all_that_it_started() -> Result<()> {
        if !works()? {
            return Ok(());
        }
        for kill in [Process::terminate, Process::kill] {
            // The command says when it runs. It ignores signals, and so does what it has started.
            let script = "trap '' INT TERM HUP; sleep 1000 & echo ready; sleep 1000";
            let mut process =
                Process::start_job(LESSON.command(["tun", "--", "sh", "-c", script]))?;
            assert_eq!(process.next_line()?, "ready");
            kill(&process)?;
            // All of them hold its output, which has to end.
            let ended = process.finish()?;
            assert!(ended.code.is_none() && !ended.left_behind, "{ended:?}");
        }
        Ok(())
    }

    #[test]
    fn ctrl_c_is_for_the_command() -> Result<()> {
        if !works()? || !is_installed("ping") {
            return Ok(());
        }
        let mut process =
            Process::start_job(LESSON.command(["tun", "--", "ping", "203.0.113.80"]))?;
        while !process.next_line()?.contains("icmp_seq=1 ") {}
        process.interrupt()?;
        let ended = process.finish()?.expect_code(0)?;
        assert!(ended.stdout.contains("ping statistics") && !ended.left_behind, "{ended:?}");

        // One that has no handler for it.
        let mut process = Process::start_job(LESSON.command(["tun", "--", "sh", "-c", SLEEPS]))?;
        assert_eq!(process.next_line()?, "ready");
        process.interrupt()?;
        let ended = process.finish()?.expect_code(128 + 2)?;
        assert!(!ended.left_behind, "{ended:?}");
        Ok(())
    }

    #[test]
    fn packets_that_are_wrong_harm_neither_side() -> Result<()> {
        if !works()? || !is_installed("ping") {
            return Ok(());
        }
        // Many at once, one larger than any link takes, an interface that goes away and returns.
        let flood = "ping -c 20 -i 0.01 -s 1400 -W 1 203.0.113.80; ping -c 1 -s 60000 -W 1 \
                     203.0.113.80; ip link set tun0 down; ip link set tun0 up; ip route add \
                     default dev tun0; ping -c 1 192.0.2.1";
        let ended = tun(&["sh", "-c", flood])?.expect_code(0)?;
        assert!(ended.stdout.contains("1 received"), "{}", ended.stdout);
        let removed = tun(&["sh", "-c", "ip link del tun0; sleep 1000"])?.expect_code(1)?;
        assert!(removed.stderr.contains("the interface tun0 was removed"), "{}", removed.stderr);
        Ok(())
    }
}
