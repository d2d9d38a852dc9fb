use std::cell::RefCell;
use std::sync::Arc;
use std::thread;

fn main() {
    let counter = Arc::new(RefCell::new(0));
    let other = Arc::clone(&counter);
    let thread = thread::spawn(move || *other.borrow_mut() += 1);
    thread.join().unwrap();
}
