//! The lesson's idea as people write it at work.

/// An event of a thread: the thread, and its own entry at that event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Epoch {
    thread: usize,
    count: u64,
}

/// What a race detector keeps of a variable: its last write.
#[derive(Default)]
struct Variable {
    last_write: Option<Epoch>,
}

impl Variable {
    /// Notes a write by a thread whose vector is `now`. An earlier write that the thread does not
    /// know of is concurrent with it: a data race.
    fn write(&mut self, thread: usize, now: &[u64]) -> Result<(), Epoch> {
        let earlier = self.last_write.replace(Epoch { thread, count: now[thread] });
        match earlier {
            // One entry is compared, whatever the number of threads.
            Some(earlier) if now[earlier.thread] < earlier.count => Err(earlier),
            _ => Ok(()),
        }
    }
}

#[test]
fn a_write_that_the_thread_does_not_know_of_is_a_race() {
    let mut variable = Variable::default();
    assert_eq!(variable.write(0, &[4, 0]), Ok(()));
    // Thread 1 has taken a lock that thread 0 released after its event 5: it knows of event 4.
    assert_eq!(variable.write(1, &[5, 1]), Ok(()));
    assert_eq!(variable.write(0, &[6, 0]), Err(Epoch { thread: 1, count: 1 }));
}
