//! What four types allow: several owners, changing what is shared, going to another thread, being
//! used by several.
//!
//! The compiler answers most of it: [`Send`], [`Sync`] and [`Clone`] hold for a type or do not, and
//! a constant says which. Whether what is shared can be changed is tried.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

/// What a type allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allows {
    /// The type, with `T` for what is in it.
    pub of: &'static str,
    /// A copy of it is one more owner of the same value.
    pub owners: bool,
    /// The value can be changed although it is shared.
    pub change: bool,
    /// It may go to another thread.
    pub send: bool,
    /// Several threads may use it at a time.
    pub sync: bool,
}

/// The value in them; it can be neither copied nor cloned.
struct Value(u64);

/// A question to the compiler about `T`. A constant of its own is taken ahead of one of a trait,
/// but only where its bounds hold.
struct Is<T>(PhantomData<T>);

trait Otherwise {
    const SEND: bool = false;
    const SYNC: bool = false;
    const CLONE: bool = false;
}

impl<T> Otherwise for Is<T> {}

impl<T: Send> Is<T> {
    const SEND: bool = true;
}

impl<T: Sync> Is<T> {
    const SYNC: bool = true;
}

impl<T: Clone> Is<T> {
    const CLONE: bool = true;
}

macro_rules! allows {
    ($name:literal, $type:ty, $change:expr) => {
        Allows {
            of: $name,
            owners: Is::<$type>::CLONE,
            change: $change,
            send: Is::<$type>::SEND,
            sync: Is::<$type>::SYNC,
        }
    };
}

/// The four, and the two pairs of them that share and change.
pub fn compare() -> [Allows; 6] {
    [
        allows!("Rc<T>", Rc<Value>, {
            let mut one = Rc::new(Value(0));
            let _other = Rc::clone(&one);
            Rc::get_mut(&mut one).is_some()
        }),
        allows!("RefCell<T>", RefCell<Value>, in_cell(&RefCell::new(Value(0)))),
        allows!("Rc<RefCell<T>>", Rc<RefCell<Value>>, {
            let one = Rc::new(RefCell::new(Value(0)));
            in_cell(&Rc::clone(&one))
        }),
        allows!("Arc<T>", Arc<Value>, {
            let mut one = Arc::new(Value(0));
            let _other = Arc::clone(&one);
            Arc::get_mut(&mut one).is_some()
        }),
        allows!("Mutex<T>", Mutex<Value>, in_mutex(&Mutex::new(Value(0)))),
        allows!("Arc<Mutex<T>>", Arc<Mutex<Value>>, {
            let one = Arc::new(Mutex::new(Value(0)));
            in_mutex(&Arc::clone(&one))
        }),
    ]
}

fn in_cell(shared: &RefCell<Value>) -> bool {
    shared.borrow_mut().0 += 1;
    shared.borrow().0 == 1
}

fn in_mutex(shared: &Mutex<Value>) -> bool {
    let Ok(mut value) = shared.lock() else {
        return false;
    };
    value.0 += 1;
    value.0 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_of_the_books() {
        let (yes, no) = (true, false);
        for (found, expected) in compare().iter().zip([
            ("Rc<T>", [yes, no, no, no]),
            ("RefCell<T>", [no, yes, yes, no]),
            ("Rc<RefCell<T>>", [yes, yes, no, no]),
            ("Arc<T>", [yes, no, yes, yes]),
            ("Mutex<T>", [no, yes, yes, yes]),
            ("Arc<Mutex<T>>", [yes, yes, yes, yes]),
        ]) {
            let answers = [found.owners, found.change, found.send, found.sync];
            assert_eq!((found.of, answers), expected);
        }
    }
}
