use std::rc::Rc;
use std::sync::Mutex;
use std::thread;

fn main() {
    let counter = Rc::new(Mutex::new(0));
    let other = Rc::clone(&counter);
    let thread = thread::spawn(move || *other.lock().unwrap() += 1);
    thread.join().unwrap();
}
