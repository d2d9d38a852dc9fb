//! How the page shows what people write at work: rows that replicas copy to each other.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use common::clock::{ClockError, HybridClock, HybridStamp, wall_time};

type Stamp = (HybridStamp, u64);

struct Replica {
    node: u64,
    clock: HybridClock,
    rows: BTreeMap<String, (Stamp, String)>,
}

impl Replica {
    fn new(node: u64) -> Replica {
        Replica { node, clock: HybridClock::new(), rows: BTreeMap::new() }
    }

    fn write(&mut self, key: &str, value: &str, now: SystemTime) -> Result<Stamp, ClockError> {
        // The node's number makes each stamp unique.
        let stamp = (self.clock.send_timestamp(wall_time(now)?), self.node);
        self.rows.insert(key.to_owned(), (stamp, value.to_owned()));
        Ok(stamp)
    }

    fn copied(
        &mut self,
        key: &str,
        row: (Stamp, String),
        now: SystemTime,
    ) -> Result<(), ClockError> {
        // From here on what this node writes is later, even if its clock is slow.
        self.clock.receive(row.0.0, wall_time(now)?)?;
        if self.rows.get(key).is_none_or(|mine| mine.0 < row.0) {
            self.rows.insert(key.to_owned(), row);
        }
        Ok(())
    }
}

#[test]
fn a_write_after_a_copy_wins_whatever_the_clocks_say() -> Result<(), ClockError> {
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let ms = Duration::from_millis;
    let (mut fast, mut slow) = (Replica::new(1), Replica::new(2));
    let old = fast.write("email", "ann@old", noon + ms(5))?;
    slow.copied("email", (old, "ann@old".to_owned()), noon)?;
    let new = slow.write("email", "ann@new", noon + ms(1))?;
    assert!(new > old);
    fast.copied("email", (new, "ann@new".to_owned()), noon + ms(7))?;
    for replica in [&fast, &slow] {
        assert_eq!(replica.rows["email"].1, "ann@new");
    }
    // An hour ahead: refused, and nothing is changed.
    let mut broken = Replica::new(3);
    let wrong = broken.write("email", "wrong", noon + Duration::from_secs(3_600))?;
    assert!(slow.copied("email", (wrong, "wrong".to_owned()), noon + ms(9)).is_err());
    assert_eq!(slow.rows["email"].1, "ann@new");
    assert!(fast.write("email", "", SystemTime::UNIX_EPOCH - ms(1)).is_err());
    Ok(())
}
