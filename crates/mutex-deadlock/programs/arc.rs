use std::sync::Arc;
use std::thread;

fn main() {
    let counter = Arc::new(0);
    let mut other = Arc::clone(&counter);
    let thread = thread::spawn(move || *other += 1);
    thread.join().unwrap();
}
