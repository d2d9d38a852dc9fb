//! The lesson's promises, and its sides as real processes.

mod at_work;

use lesson_tests::Result;

lesson_tests::lesson!();

#[test]
fn both_ways_of_finding_a_loss_are_drawn() -> Result<()> {
    let timeout = LESSON.run(["resend", "timeout"])?.expect_code(0)?.stdout;
    assert_eq!(timeout.matches("● ack 3001").count(), 2, "once, at both ends: {timeout}");
    let fast = LESSON.run(["resend", "fast"])?.expect_code(0)?.stdout;
    assert_eq!(fast.matches("◀──● ack 1001").count(), 4, "{fast}");
    assert!(LESSON.run(["resend", "never"])?.expect_code(2)?.stderr.contains("timeout, fast"));
    Ok(())
}

/// The kernel as the client. Each test ends at once, and says so, where this system cannot do it.
#[cfg(target_os = "linux")]
mod tun {
    use super::*;
    use std::fs;
    use std::process::Command;

    use lesson_tests::process::Finished;

    /// Whether the kernel can be the client here, with this program.
    fn works(program: &str) -> Result<bool> {
        let tried = LESSON.run(["tun", "--", "true"])?;
        if tried.code == Some(2) {
            assert!(tried.stderr.starts_with("error: "), "{}", tried.stderr);
            narration::log(format!("skipped: {}", tried.stderr));
            return Ok(false);
        }
        tried.expect_code(0)?;
        let is_installed = Command::new(program).arg("-h").output().is_ok();
        if !is_installed {
            narration::log(format!("skipped: {program} is not installed"));
        }
        Ok(is_installed)
    }

    fn on_the_laptop(flags: &[&str], command: &[&str]) -> Result<Finished> {
        LESSON.run([&["tun"], flags, &["--"], command].concat())
    }

    fn curl(flags: &[&str], path: &str) -> Result<Finished> {
        let url = format!("http://203.0.113.80{path}");
        on_the_laptop(flags, &["curl", "-s", "-w", "%{http_code}", &url])
    }

    #[test]
    fn curl_gets_the_bytes_from_our_stack() -> Result<()> {
        if !works("curl")? {
            return Ok(());
        }
        let got = curl(&[], "/200000")?.expect_code(0)?.stdout;
        assert_eq!((got.len(), &got[200_000..]), (200_003, "200"));
        assert!(got[..200_000].bytes().all(|byte| byte == b'x'));
        assert_eq!(curl(&[], "/")?.expect_code(0)?.stdout, "404");
        let refused = on_the_laptop(&[], &["curl", "-s", "http://203.0.113.80:81/"])?;
        refused.expect_code(7)?; // curl's code for a connection that is refused
        Ok(())
    }

    #[test]
    fn a_lossy_link_delays_curl_and_the_file_has_every_try() -> Result<()> {
        if !works("curl")? {
            return Ok(());
        }
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("curl.pcap").to_string_lossy().into_owned();
        let got = curl(&["--lost", "3", "--pcap", &file], "/20000")?.expect_code(0)?.stdout;
        assert_eq!((got.len(), &got[20_000..]), (20_003, "200"));
        assert!(fs::read(&file)?.len() > 20_000);
        Ok(())
    }

    #[test]
    fn nc_gets_back_what_it_sends() -> Result<()> {
        if !works("nc")? {
            return Ok(());
        }
        // The end of its input ends the connection, and that ends nc.
        let script = "printf 'hello\\nthere\\n' | nc -N 203.0.113.80 7";
        let echoed = on_the_laptop(&[], &["sh", "-c", script])?;
        // Not every nc has -N.
        if echoed.code == Some(0) {
            assert_eq!(echoed.stdout, "hello\nthere\n");
        }
        Ok(())
    }

    #[test]
    fn a_rude_client_harms_no_other() -> Result<()> {
        if !works("curl")? || !works("bash")? {
            return Ok(());
        }
        // Connections that are idle, half a request, garbage, one that sends and never reads, one
        // that asks and leaves; and after them one that behaves.
        let script = "\
            for i in 1 2 3 4 5 6 7 8 9 10; do exec {idle}<>/dev/tcp/203.0.113.80/80; done
            exec 3<>/dev/tcp/203.0.113.80/80; printf 'GET /1' >&3
            exec 4<>/dev/tcp/203.0.113.80/80; head -c 3000 /dev/urandom >&4
            exec 5<>/dev/tcp/203.0.113.80/7; head -c 20000 /dev/zero >&5
            exec 6<>/dev/tcp/203.0.113.80/80; printf 'GET /1000000 HTTP/1.1\\r\\n\\r\\n' >&6
            exec 6>&-
            curl -s -m 20 -o /dev/null -w '%{http_code} %{size_download}' http://203.0.113.80/1000";
        let last = on_the_laptop(&[], &["bash", "-c", script])?.expect_code(0)?;
        assert_eq!(last.stdout, "200 1000");
        Ok(())
    }
}
