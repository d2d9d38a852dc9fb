use std::sync::Mutex;
use std::thread;

fn main() {
    let counter = Mutex::new(0);
    let one = thread::spawn(move || *counter.lock().unwrap() += 1);
    let two = thread::spawn(move || *counter.lock().unwrap() += 1);
    one.join().unwrap();
    two.join().unwrap();
}
