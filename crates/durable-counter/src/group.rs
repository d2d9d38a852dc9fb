//! Group commit: adds that wait for the disk together share one sync.
//!
//! Clients ask a replica, wait for the answer, and ask again, in virtual time. The log is the real
//! one, on a disk that counts its syncs; what they take is given. "Group commit timers and high
//! volume transaction systems" (Helland and others, 1987) has the idea from databases of that time.

use std::time::Duration;

use common::timeline::Timeline;
use runtime::log::LogError;

use crate::replica::Request;
use crate::service::Service;
use runtime::disk::Memory;

/// How long a sync takes: that of a fast solid-state disk.
pub const SYNC: Duration = Duration::from_micros(100);

/// What each add costs the replica: reading the request, counting, sending the answer.
pub const WORK: Duration = Duration::from_micros(10);

/// From the answer to the arrival of the same client's next request.
pub const ROUND_TRIP: Duration = Duration::from_micros(50);

/// What happens before this time is left out: the clients' first requests come apart.
const FROM: Duration = Duration::from_millis(10);

/// Until then they count.
const UNTIL: Duration = Duration::from_millis(60);

/// Which adds one sync makes durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// One.
    Each,
    /// All that have arrived.
    Shared,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many adds were acknowledged.
    pub adds: u64,
    /// How many syncs that took, without one that has not ended.
    pub syncs: u64,
    /// How long an add took from the request to the answer, on average.
    pub mean: Duration,
}

impl Counted {
    /// Adds acknowledged a second.
    pub fn a_second(&self) -> u64 {
        self.adds * (Duration::from_secs(1).as_micros() / (UNTIL - FROM).as_micros()) as u64
    }
}

/// What is ahead.
enum Event {
    /// A client's request arrives.
    Asked,
    /// The disk has what these adds have written, which arrived at these times.
    Synced(Vec<Duration>),
}

/// Lets `clients` clients count.
///
/// # Errors
/// None that this disk reports.
pub fn count(clients: usize, sync: Sync) -> Result<Counted, LogError> {
    let disk = Memory::default();
    let mut service = Service::start(disk.clone())?;
    let mut timeline = Timeline::new();
    // Not all at one moment: they would stay in step, and never ask while the disk is busy.
    (0..clients as u32).for_each(|client| timeline.at(client * WORK, Event::Asked));
    let (mut waiting, mut is_busy) = (Vec::new(), false);
    let (mut adds, mut syncs_before, mut waited) = (0, 0, Duration::ZERO);
    while let Some((now, event)) = timeline.next_until(UNTIL) {
        match event {
            Event::Asked => waiting.push(now),
            Event::Synced(asked) => {
                is_busy = false;
                if now <= FROM {
                    syncs_before = disk.syncs();
                } else {
                    adds += asked.len() as u64;
                    waited += asked.iter().map(|at| now - *at).sum::<Duration>();
                }
                asked.iter().for_each(|_| timeline.after(ROUND_TRIP, Event::Asked));
            }
        }
        // Requests that arrive at the same moment are all there before the replica looks.
        if is_busy || waiting.is_empty() || timeline.next_time() == Some(now) {
            continue;
        }
        let taken = match sync {
            Sync::Each => 1,
            Sync::Shared => waiting.len(),
        };
        let taken: Vec<Duration> = waiting.drain(..taken).collect();
        service.turn(&vec![Request::add(1); taken.len()])?;
        is_busy = true;
        timeline.after(WORK * taken.len() as u32 + SYNC, Event::Synced(taken));
    }
    let mean = waited / u32::try_from(adds).expect("a short run has few adds").max(1);
    Ok(Counted { adds, syncs: disk.syncs() - syncs_before - u64::from(is_busy), mean })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_gains_nothing_and_sixty_four_share() {
        assert_eq!(count(1, Sync::Each).unwrap(), count(1, Sync::Shared).unwrap());
        let each = count(64, Sync::Each).unwrap();
        assert_eq!(each.syncs, each.adds);
        let shared = count(64, Sync::Shared).unwrap();
        assert!(shared.adds > 8 * each.adds, "{shared:?} {each:?}");
        assert_eq!(
            (shared.adds, shared.syncs),
            (3_818, 119),
            "half of the clients ask during a sync"
        );
        assert!(shared.mean < each.mean / 8, "{shared:?} {each:?}");
    }
}
