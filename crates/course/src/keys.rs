//! The keyboard of `watch`: each key as it is typed, without Enter.
//!
//! On Unix the terminal is told so, and is what it was before when the [`Keyboard`] is dropped. The
//! keys that would send a signal come as bytes as well; so whatever ends or stops the program, the
//! terminal is put right first: Ctrl-C and Ctrl-D are reported as the end, and Ctrl-Z stops the
//! job as the terminal would have done. SIGTERM is for the caller to catch.
//!
//! Elsewhere a key is the first letter of a line.

use std::io::{self, BufRead};
use std::thread;

#[cfg(unix)]
pub(crate) use self::unix::Keyboard;

/// What the keys are, for the reader.
#[cfg(unix)]
pub(crate) const KEYS: &str = "h 1 2 3 hints  l list  r reset  q quit  Enter checks";
#[cfg(not(unix))]
pub(crate) const KEYS: &str = "h 1 2 3 hints  l list  r reset  q quit, each with Enter";

impl Keyboard {
    /// Calls `typed` in another thread with each key, until it returns `false`; at the end of
    /// input with `None`, and not again.
    pub(crate) fn listen(&self, mut typed: impl FnMut(Option<u8>) -> bool + Send + 'static) {
        let mut keys = self.keys();
        thread::spawn(move || {
            loop {
                let key = keys.next();
                if !typed(key) || key.is_none() {
                    return;
                }
            }
        });
    }
}

#[cfg(unix)]
mod unix {
    use std::io::ErrorKind;

    use nix::sys::signal::{SigSet, Signal, kill};
    use nix::sys::termios::{
        LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
    };
    use nix::unistd::Pid;

    use super::*;

    const CTRL_C: u8 = 0x03;
    const CTRL_D: u8 = 0x04;
    const CTRL_Z: u8 = 0x1a;

    /// The terminal while it hands over single keys.
    pub(crate) struct Keyboard {
        before: Termios,
    }

    impl Keyboard {
        /// Has the terminal hand over single keys.
        ///
        /// # Errors
        /// If standard input is not a terminal.
        pub(crate) fn open() -> io::Result<Keyboard> {
            // The thread that reads the keys is the one that stops, and so no other may take this
            // signal: see `stop`. Threads that are started later block it, too; programs do not.
            SigSet::from(Signal::SIGTSTP).thread_block()?;
            let before = tcgetattr(io::stdin())?;
            hand_over_keys(&before)?;
            Ok(Keyboard { before })
        }

        pub(super) fn keys(&self) -> Keys {
            Keys { before: self.before.clone() }
        }
    }

    impl Drop for Keyboard {
        fn drop(&mut self) {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &self.before);
        }
    }

    fn hand_over_keys(before: &Termios) -> nix::Result<()> {
        let mut now = before.clone();
        now.local_flags
            .remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN);
        now.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        now.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        tcsetattr(io::stdin(), SetArg::TCSANOW, &now)
    }

    pub(super) struct Keys {
        before: Termios,
    }

    impl Keys {
        pub(super) fn next(&mut self) -> Option<u8> {
            let key = read()?;
            if key == CTRL_Z {
                // Reported all the same: the shell has written over the screen.
                self.stop();
            }
            Some(key).filter(|key| ![CTRL_C, CTRL_D].contains(key))
        }

        /// Stops the job, with the terminal as it was before, until the shell continues it.
        fn stop(&self) {
            let job = Pid::from_raw(0);
            // Where one of these fails, the program goes on as if the key had not been pressed.
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &self.before)
                .and_then(|()| SigSet::from(Signal::SIGTSTP).thread_unblock())
                // No other thread takes it, so that this call returns when it has been continued.
                .and_then(|()| kill(job, Signal::SIGTSTP))
                .and_then(|()| hand_over_keys(&self.before));
        }
    }

    fn read() -> Option<u8> {
        let mut stdin = io::stdin().lock();
        loop {
            let typed = match stdin.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read.ok().filter(|typed| !typed.is_empty())?,
            };
            let (count, key) = (typed.len(), key(typed));
            stdin.consume(count);
            if key.is_some() {
                return key;
            }
        }
    }

    /// The key that these bytes are. Several at once are an arrow key, or were pasted: no command.
    fn key(typed: &[u8]) -> Option<u8> {
        match *typed {
            [key] => Some(key),
            _ => None,
        }
    }

    #[test]
    fn an_arrow_key_and_what_is_pasted_are_not_commands() {
        assert_eq!([key(b"q"), key(b"\x1b[A"), key(b"qr")], [Some(b'q'), None, None]);
    }
}

/// Standard input where keys come by the line.
#[cfg(not(unix))]
pub(crate) struct Keyboard;

#[cfg(not(unix))]
impl Keyboard {
    pub(crate) fn open() -> io::Result<Keyboard> {
        Ok(Keyboard)
    }

    fn keys(&self) -> impl Iterator<Item = u8> + Send + use<> {
        let lines = io::stdin().lines().map_while(Result::ok);
        lines.map(|line| line.trim().bytes().next().unwrap_or(b'\n'))
    }
}
