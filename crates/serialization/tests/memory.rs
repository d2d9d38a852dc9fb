//! What hostile bytes cost. These tests are the only ones of their process, and run one at a time:
//! the meter counts what every thread takes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serialization::hostile::{LIMIT, MODEST_CLAIM, from_a_stream, in_memory, over_the_limit};
use serialization::memory::{self, Allocator, Meter};

#[global_allocator]
static MEMORY: Allocator = memory::allocator();

/// Twice what serde reserves on the word of a length, and far less than what is claimed.
const LITTLE: usize = 2 << 20;

static ALONE: Mutex<()> = Mutex::new(());

/// The meter, and the right to read it until the guard is dropped.
fn meter() -> (Meter, MutexGuard<'static, ()>) {
    let alone = alone();
    (Meter::new(&MEMORY), alone)
}

fn alone() -> MutexGuard<'static, ()> {
    // A test that failed has reported that itself.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn what_is_taken_is_counted() {
    const SIZE: usize = 32 << 20;
    let (meter, _alone) = meter();
    let (vec, taken) = meter.taken_by(|| Vec::<u8>::with_capacity(SIZE));
    assert!(vec.capacity() >= SIZE && taken >= SIZE, "{taken}");
}

#[test]
#[should_panic(expected = "a meter reads the allocator that the program uses")]
fn an_unused_allocator_has_no_meter() {
    static UNUSED: Allocator = memory::allocator();
    // The backtrace of a panic takes megabytes.
    let _alone = alone();
    Meter::new(&UNUSED);
}

#[test]
fn a_false_length_in_memory_is_an_error_and_costs_little() {
    let (meter, _alone) = meter();
    let seen = in_memory(meter).unwrap();
    assert_eq!(seen.len(), 7);
    for hostile in seen {
        assert!(hostile.error.is_some() && hostile.memory < LITTLE, "{hostile:?}");
    }
}

#[test]
fn a_length_in_a_stream_is_believed_unless_there_is_a_limit() {
    let (meter, _alone) = meter();
    let [plain, limited] = from_a_stream(meter).unwrap();
    assert!(plain.error.is_some() && limited.error.is_some());
    assert!(plain.memory >= MODEST_CLAIM as usize, "{plain:?}");
    assert!(limited.memory < LITTLE, "{limited:?}");
}

/// For bytes in memory the limit has no effect.
#[test]
fn a_limit_holds_for_streams_alone() {
    let (meter, _alone) = meter();
    let [stream, memory] = over_the_limit(meter).unwrap();
    assert!(stream.error.is_some() && stream.came > LIMIT as usize);
    assert_eq!(memory.error, None);
}
