//! Narrates what becomes of a lock whose holder crashes or is paused.

use narration::{Answer, Narrator};

use super::dense;
use crate::holders::{CRASH, DELAY, NAMES, PAUSE, crashed, crashed_without_leases, paused};
use crate::lease::{GRACE, LEASE, WORK};

pub(super) fn a_crash(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A holder that crashes", "virtual time")?;
    let (granted, leases) = (crashed_without_leases()?, crashed()?);
    let [first, second] = leases.leased[..] else {
        anyhow::bail!("the server gives two leases");
    };
    narrator.say("a holds the lock and crashes. b and c ask for it afterwards.")?;
    narrator.predict(
        "How many of these two get it within an hour?",
        granted,
        "The request of a stays in every queue, and a sends nothing later.",
    )?;
    narrator.say(&format!(
        "Most systems put a server in charge after all, and its locks end by themselves: a \
         **lease** is a lock for a time, here {} s from when it arrives. The server waits {} s \
         more before it gives the next: a margin for the time that its message takes, and for \
         clocks that differ. It gives lease 1 to client 1 at {first} s. Then client 2 asks for \
         one, and client 1 crashes at {} s.",
        LEASE.as_secs(),
        GRACE.as_secs(),
        CRASH.as_secs(),
    ))?;
    narrator.predict(
        "At which second does the server give lease 2?",
        Answer::quantity(format!("{second} s")),
        "The server does not have to know that client 1 has crashed.",
    )?;
    narrator.picture(&dense(&leases.trace, narrator.width()))?;
    Ok(())
}

pub(super) fn a_pause(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A holder that is paused", "virtual time")?;
    let run = paused(false)?;
    let gets = 2 * DELAY;
    narrator.say(&format!(
        "The lock protects a storage. A client works for {} s under its lease. Then it looks at \
         its clock, and if the lease is still valid it writes to the storage: write 1 under lease \
         1. Client 1 gets its lease at {} s and looks at {} s: the lease is valid until {} s. \
         Between that look and the write its process is paused for {} s, by its garbage collection \
         or because its machine is suspended. It does not notice.",
        WORK.as_secs(),
        gets.as_secs(),
        (gets + WORK).as_secs(),
        (gets + LEASE).as_secs(),
        PAUSE.as_secs(),
    ))?;
    narrator.predict(
        "Whose write does the storage hold in the end, that of client 1 or of client 2?",
        Answer::one_of(&NAMES[1..=2], run.written_by.map_or("none", |client| NAMES[client])),
        "Its write arrives last, and the storage takes each that comes.",
    )?;
    narrator.picture(&dense(&run.trace, narrator.width()))?;
    narrator.say(
        "A late write is made from what its client knew before the next lease, and it can replace \
         what the next client has written. To look later does not help: the pause can come after \
         any look. A lease alone is not a lock.",
    )?;
    Ok(())
}

pub(super) fn a_token(narrator: &mut Narrator<'_>) -> anyhow::Result<()> {
    narrator.step("A token that grows", "virtual time")?;
    let run = paused(true)?;
    narrator.say(
        "Each lease has a number, one more than that of the last: its **fencing token**. A write \
         carries the token of its lease: 1 in write 1. Now the storage looks at the token, and \
         refuses one that is smaller than the largest that it has taken. The same run again:",
    )?;
    narrator.predict(
        "Which is the smallest token that the storage takes once client 2 has written?",
        Answer::quantity(run.largest.to_string()),
        "A write with a smaller token is refused from then on.",
    )?;
    narrator.picture(&dense(&run.trace, narrator.width()))?;
    narrator.say(
        "The lock server cannot prevent a late write, and the client does not know that it is \
         late. The storage that the lock protects has to check the token itself.",
    )?;
    Ok(())
}
