use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};

fn main() {
    let counter = AtomicU64::new(0);
    let meeting = Barrier::new(2);
    let add_one = || {
        let seen = counter.load(Ordering::SeqCst);
        meeting.wait();
        counter.store(seen + 1, Ordering::SeqCst);
    };
    std::thread::scope(|scope| {
        scope.spawn(add_one);
        scope.spawn(add_one);
    });
    assert_eq!(counter.into_inner(), 1);
}
