//! This machine's kernel as a host of an internet (Linux), in real time.
//!
//! A TUN device is a network interface whose packets a program reads and writes. This makes one in
//! namespaces of its own, gives the kernel there the address of a tap, and starts a command: its
//! `ping`, `curl` or shell sees our internet and nothing else. The rest of the machine is not
//! touched: the namespaces exist for these processes alone, and go with them.
//!
//! 1. The program replaces itself with the same program under `unshare`, in a user namespace, where
//!    it may configure a network, and a network namespace, which is empty. No root is needed where
//!    the system allows user namespaces.
//! 2. It makes the device, and starts the command in a process namespace, which ends with the
//!    program: the kernel kills all that the command has started.
//! 3. It carries packets between the device and the internet until the command ends.
//!
//! Left out: IPv6, which the internet does not have, and names: there is no name server.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error;

use crate::{Internet, NodeId};

/// What is done on a host whose stack is the kernel's.
#[derive(Debug, Default)]
pub struct Session<'a> {
    /// The command and its arguments; the user's shell where there are none.
    pub command: &'a [OsString],
    /// A new file for the packets that the host sends and receives, as [`Pcap`](crate::Pcap) writes
    /// them.
    pub pcap: Option<&'a Path>,
    /// Where to log what happens to each packet.
    pub log: Option<fn(String)>,
}

/// Why the kernel cannot be a host. What each says is for people, with what to do about it.
#[derive(Debug, Error)]
pub enum KernelError {
    /// Not Linux.
    #[error("this needs Linux: TUN devices and network namespaces")]
    OtherSystem,
    /// `unshare` fails.
    #[error("this system allows no network namespaces here: {reason}")]
    NoNamespaces {
        /// What `unshare` says.
        reason: String,
    },
    /// There is no TUN device, or it must not be used.
    #[error("cannot make a network interface with /dev/net/tun")]
    NoDevice(#[source] io::Error),
    /// A program that this needs cannot be started, or fails.
    #[error("cannot run {program}: {reason}")]
    Program {
        /// Its name.
        program: String,
        /// What it says.
        reason: String,
    },
    /// The file for the packets cannot be written.
    #[error("cannot write {}", file.display())]
    Pcap {
        /// Its name.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The device fails.
    #[error("cannot carry packets between the kernel and the internet")]
    Carry(#[source] io::Error),
}

impl KernelError {
    /// The exit code of a program that cannot go on: 2 where this system cannot do it or does not
    /// allow it, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            KernelError::Pcap { .. } | KernelError::Carry(_) => 1,
            _ => 2,
        }
    }

    /// What to do about it, where something can be done.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            KernelError::OtherSystem | KernelError::Carry(_) => None,
            KernelError::Pcap { .. } => Some("--pcap takes the name of a new file"),
            KernelError::NoNamespaces { .. } => Some(
                "an administrator can allow them: sysctl user.max_user_namespaces, \
                 user.max_net_namespaces, kernel.apparmor_restrict_unprivileged_userns",
            ),
            KernelError::NoDevice(_) => Some(
                "`modprobe tun` makes /dev/net/tun, and all may use it (mode 666); a container \
                 needs --device /dev/net/tun",
            ),
            KernelError::Program { .. } => {
                Some("unshare and setpriv are of the package util-linux, ip is of iproute2")
            }
        }
    }
}

#[cfg(target_os = "linux")]
pub use linux::run;

/// See the documentation of the module.
///
/// # Errors
/// [`KernelError::OtherSystem`].
#[cfg(not(target_os = "linux"))]
pub fn run<P: FnMut(&mut Internet)>(
    _: &Session<'_>,
    _: impl FnOnce() -> (Internet, NodeId, P),
) -> Result<ExitCode, KernelError> {
    Err(KernelError::OtherSystem)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::fs::{self, File};
    use std::os::fd::AsRawFd;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::time::{Duration, Instant};

    use nix::sys::signal::{SigSet, Signal};
    use smoltcp::phy::{self, Device, Medium, RxToken, TunTapInterface, TxToken};

    use super::*;
    use crate::Pcap;

    /// The device, as the kernel shows it.
    const DEVICE: &str = "tun0";

    /// The variable that holds the network namespace from which the program entered its own. So a
    /// variable that was set by accident cannot have it configure the machine's own network.
    const ENTERED_FROM: &str = "INTERNET_ENTERED_FROM";

    /// How long the loop waits for a packet before it looks whether the command has ended.
    const LOOK_AFTER: Duration = Duration::from_millis(20);

    /// How many packets of the kernel are taken before the internet gets a turn.
    const BATCH: usize = 64;

    /// Runs a command on a host of an internet, with the kernel as its stack, and returns its exit
    /// code, which is 128 and the number of the signal where one ended it.
    ///
    /// The program is started again from its beginning, with the same arguments, in the namespaces:
    /// so this is called before anything else is done. There `make` makes the internet, its tap,
    /// and what the programs on its hosts do: that is called after each event, as in
    /// [`Internet::run`], and whenever packets came from the kernel. Notes do not pile up: they are
    /// drained.
    ///
    /// # Errors
    /// [`KernelError`]. Nothing is left behind, but for the packets in the file.
    pub fn run<P: FnMut(&mut Internet)>(
        session: &Session<'_>,
        make: impl FnOnce() -> (Internet, NodeId, P),
    ) -> Result<ExitCode, KernelError> {
        enter_namespaces()?;
        let (net, tap, program) = make();
        let device = TunTapInterface::new(DEVICE, Medium::Ip).map_err(KernelError::NoDevice)?;
        configure(&net.address(tap).to_string())?;
        let file = || session.pcap.unwrap_or(Path::new("")).to_owned();
        let pcap = session.pcap.map(|path| Pcap::create(path, tap)).transpose();
        let pcap = pcap.map_err(|source| KernelError::Pcap { file: file(), source })?;
        let child = start(session.command)?;
        // Ctrl-C is for the command, which may have something to say yet; this process ends after
        // it. Blocked only now: the command would have it blocked, too.
        let mut interrupt = SigSet::empty();
        interrupt.add(Signal::SIGINT);
        interrupt.thread_block().map_err(|error| KernelError::Carry(error.into()))?;
        let ended = Loop { net, tap, device, child, pcap, log: session.log, program }.run();
        let ended = ended.map_err(|error| match error {
            LoopError::Pcap(source) => KernelError::Pcap { file: file(), source },
            LoopError::Carry(source) => KernelError::Carry(source),
        })?;
        Ok(ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1).into())
    }

    /// Returns in namespaces of its own; outside, replaces the program with itself in them.
    fn enter_namespaces() -> Result<(), KernelError> {
        let here = namespace()?;
        if env::var_os(ENTERED_FROM).is_some_and(|outside| outside != here.as_os_str()) {
            return Ok(());
        }
        let unshare = || {
            let mut unshare = Command::new("unshare");
            unshare.args(["--user", "--map-root-user", "--net"]);
            unshare
        };
        // Once to see whether it works, so that what fails later is not taken for this; with the
        // processes and the /proc that the command will have, which some containers do not allow.
        let command = in_own_processes("true");
        let tried = unshare().args(command).stdin(Stdio::null()).output();
        let tried = tried.map_err(|error| missing("unshare", &error))?;
        if !tried.status.success() {
            return Err(KernelError::NoNamespaces { reason: said(&tried.stderr) });
        }
        let this_program = env::current_exe().map_err(KernelError::Carry)?;
        let mut again = unshare();
        again.arg(this_program).args(env::args_os().skip(1)).env(ENTERED_FROM, here);
        Err(missing("unshare", &again.exec()))
    }

    /// The name of this process's network namespace.
    fn namespace() -> Result<PathBuf, KernelError> {
        fs::read_link("/proc/self/ns/net")
            .map_err(|error| KernelError::NoNamespaces { reason: error.to_string() })
    }

    /// Gives the kernel the tap's address, and a route to everything through the device.
    fn configure(address: &str) -> Result<(), KernelError> {
        for line in [
            "link set lo up".to_owned(),
            format!("addr add {address}/32 dev {DEVICE}"),
            format!("link set {DEVICE} up"),
            format!("route add default dev {DEVICE}"),
        ] {
            let ip = Command::new("ip").args(line.split(' ')).stdin(Stdio::null()).output();
            let ip = ip.map_err(|error| missing("ip", &error))?;
            if !ip.status.success() {
                let reason = said(&ip.stderr);
                return Err(KernelError::Program { program: format!("ip {line}"), reason });
            }
        }
        Ok(())
    }

    /// Starts the command so that it ends, with all that it starts, when this process does: whether
    /// that returns, panics or is killed.
    fn start(command: &[OsString]) -> Result<Child, KernelError> {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--pdeathsig", "KILL"]).args(in_own_processes("sh"));
        // The first process of a namespace ignores every signal that it has no handler for, Ctrl-C
        // too: so that is a shell, and the command is its child. Ctrl-C is for the child alone.
        setpriv.args(["-c", "trap : INT; \"$@\"; exit $?", "sh"]);
        match command {
            [] => {
                let shell = env::var_os("SHELL").filter(|shell| !shell.is_empty());
                setpriv.arg(shell.unwrap_or_else(|| "/bin/sh".into()))
            }
            command => setpriv.args(command),
        };
        setpriv.env_remove(ENTERED_FROM);
        setpriv.spawn().map_err(|error| missing("setpriv", &error))
    }

    /// A command in a process namespace, which ends with the process that started it.
    fn in_own_processes(command: &str) -> [&str; 6] {
        ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", command]
    }

    fn missing(program: &str, error: &io::Error) -> KernelError {
        KernelError::Program { program: program.to_owned(), reason: error.to_string() }
    }

    /// The last line of what a program wrote to stderr, without its own name.
    fn said(stderr: &[u8]) -> String {
        let text = String::from_utf8_lossy(stderr);
        let line = text.lines().last().unwrap_or("it does not say why");
        line.rsplit_once(": ").map_or(line, |(_, reason)| reason).to_owned()
    }

    /// What failed.
    enum LoopError {
        Pcap(io::Error),
        Carry(io::Error),
    }

    /// Moves packets and time until the command ends.
    struct Loop<P> {
        net: Internet,
        tap: NodeId,
        device: TunTapInterface,
        child: Child,
        pcap: Option<Pcap<File>>,
        log: Option<fn(String)>,
        program: P,
    }

    impl<P: FnMut(&mut Internet)> Loop<P> {
        #[expect(clippy::disallowed_methods, reason = "the kernel lives in real time")]
        fn run(mut self) -> Result<ExitStatus, LoopError> {
            let begun = Instant::now();
            loop {
                if !lists_device("/proc/self/net/dev") {
                    let gone = format!("the interface {DEVICE} was removed");
                    return Err(LoopError::Carry(io::Error::other(gone)));
                }
                for _ in 0..BATCH {
                    let Some(packet) = receive(&mut self.device) else { break };
                    self.net.run_until(begun.elapsed());
                    self.net.inject(self.tap, packet);
                }
                self.net.run(begun.elapsed(), |net| {
                    (self.program)(net);
                    true
                });
                while let Some(packet) = self.net.take(self.tap) {
                    send(&mut self.device, &packet);
                }
                self.report().map_err(LoopError::Pcap)?;
                if let Some(status) = self.child.try_wait().map_err(LoopError::Carry)? {
                    return Ok(status);
                }
                let next = self.net.next_time();
                let until_next = next.map(|next| next.saturating_sub(begun.elapsed()));
                wait(&self.device, until_next.unwrap_or(LOOK_AFTER).min(LOOK_AFTER))
                    .map_err(LoopError::Carry)?;
            }
        }

        fn report(&mut self) -> io::Result<()> {
            for note in self.net.drain_notes() {
                if let Some(pcap) = &mut self.pcap {
                    pcap.write(&note)?;
                }
                if let Some(log) = self.log {
                    log(self.net.record().line(&note));
                }
            }
            Ok(())
        }
    }

    /// Waits until the kernel has a packet, or for `time`.
    fn wait(device: &TunTapInterface, time: Duration) -> io::Result<()> {
        // It waits for whole milliseconds, and for none would spin until the event is due.
        let millis = time.as_nanos().div_ceil(1_000_000) as u64;
        let time = smoltcp::time::Duration::from_millis(millis);
        match phy::wait(device.as_raw_fd(), Some(time)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            waited => waited,
        }
    }

    /// The next IPv4 packet of the kernel. smoltcp panics if the device was removed: that is looked
    /// at in each turn.
    fn receive(device: &mut TunTapInterface) -> Option<Vec<u8>> {
        loop {
            let (arrived, _) = device.receive(smoltcp::time::Instant::ZERO)?;
            let packet = arrived.consume(<[u8]>::to_vec);
            // The kernel speaks IPv6, too, as soon as an interface is up.
            if version(&packet) == Some(4) {
                return Some(packet);
            }
        }
    }

    /// Gives a packet to the kernel. smoltcp panics where the kernel does not take it: on a packet
    /// that is not of IP, which a flipped bit can make of it, and while the device is down.
    fn send(device: &mut TunTapInterface, packet: &[u8]) {
        if matches!(version(packet), Some(4 | 6))
            && lists_device("/proc/self/net/route")
            && let Some(to_send) = device.transmit(smoltcp::time::Instant::ZERO)
        {
            to_send.consume(packet.len(), |bytes| bytes.copy_from_slice(packet));
        }
    }

    fn version(packet: &[u8]) -> Option<u8> {
        packet.first().map(|byte| byte >> 4)
    }

    /// Whether a table of the kernel has a line about the device. That of interfaces has it until
    /// it is removed, that of routes while it is up.
    fn lists_device(table: &str) -> bool {
        let table = fs::read_to_string(table).unwrap_or_default();
        table.lines().any(|line| line.trim_start().starts_with(DEVICE))
    }
}
