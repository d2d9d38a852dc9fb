//! Which operations may be executed twice: each is executed once and twice, and the two end states
//! are compared.
//!
//! An operation is **idempotent** if doing it twice leaves what doing it once leaves (RFC 9110,
//! section 9.2.2, has it for HTTP: PUT and DELETE are, POST is not). The answers may differ.

/// The state that the operations work on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    x: i64,
    dollars: u64,
    visits: u64,
    page: Option<&'static str>,
    log: Vec<&'static str>,
    orders: Vec<usize>,
}

impl State {
    fn new() -> State {
        State {
            x: 3,
            dollars: 0,
            visits: 0,
            page: Some("old"),
            log: Vec::new(),
            orders: Vec::new(),
        }
    }
}

/// An operation: its name, what it does and replies, and the part of the state that it is about.
struct Operation {
    name: &'static str,
    apply: fn(&mut State) -> &'static str,
    part: fn(&State) -> String,
}

const OPERATIONS: [Operation; 9] = [
    Operation { name: "read x", apply: |_| "done", part: x },
    Operation { name: "set x = 5", apply: set, part: x },
    Operation { name: "set x = 5 if it is 3", apply: set_if_it_is_3, part: x },
    Operation { name: "put the page", apply: put, part: page },
    Operation { name: "delete the page", apply: delete, part: page },
    Operation {
        name: "add $100",
        apply: |state| {
            state.dollars += 100;
            "done"
        },
        part: |state| format!("${}", state.dollars),
    },
    Operation {
        name: "count a visit",
        apply: |state| {
            state.visits += 1;
            "done"
        },
        part: |state| format!("visits: {}", state.visits),
    },
    Operation {
        name: "append a line",
        apply: |state| {
            state.log.push("line");
            "done"
        },
        part: |state| format!("lines: {}", state.log.len()),
    },
    Operation {
        name: "create an order",
        apply: |state| {
            state.orders.push(state.orders.len() + 1);
            "done"
        },
        part: |state| format!("orders: {}", state.orders.len()),
    },
];

fn set(state: &mut State) -> &'static str {
    state.x = 5;
    "done"
}

fn set_if_it_is_3(state: &mut State) -> &'static str {
    if state.x != 3 {
        return "failed";
    }
    set(state)
}

fn put(state: &mut State) -> &'static str {
    state.page = Some("new");
    "done"
}

fn delete(state: &mut State) -> &'static str {
    match state.page.take() {
        Some(_) => "done",
        None => "no such page",
    }
}

fn x(state: &State) -> String {
    format!("x = {}", state.x)
}

fn page(state: &State) -> String {
    state.page.map_or("no page".to_owned(), |page| format!("the {page} page"))
}

/// An operation, and what it leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twice {
    /// Its name.
    pub name: &'static str,
    /// The part of the state that it is about, when it was done once,
    pub once: String,
    /// and when it was done twice.
    pub twice: String,
    /// The replies to the first time and to the second.
    pub replies: [&'static str; 2],
    /// Whether the whole states are the same. The replies may differ.
    pub is_idempotent: bool,
}

/// Executes every operation once and twice, each on a state of its own.
pub fn done_twice() -> Vec<Twice> {
    let compare = |operation: &Operation| {
        let mut once = State::new();
        let first = (operation.apply)(&mut once);
        let mut twice = once.clone();
        let second = (operation.apply)(&mut twice);
        Twice {
            name: operation.name,
            once: (operation.part)(&once),
            twice: (operation.part)(&twice),
            replies: [first, second],
            is_idempotent: once == twice,
        }
    };
    OPERATIONS.iter().map(compare).collect()
}

/// One client sets x to 5 and its reply is lost; another sets it to 7; the first retries. Returns
/// the last x if the first client sets it unconditionally, and if it sets it only if it is 3 as
/// before.
pub fn late_retry() -> [i64; 2] {
    [set, set_if_it_is_3].map(|first_client: fn(&mut State) -> &'static str| {
        let mut state = State::new();
        first_client(&mut state);
        state.x = 7;
        first_client(&mut state);
        state.x
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_operations_must_not_be_executed_twice() {
        let done = done_twice();
        let not: Vec<_> =
            done.iter().filter(|twice| !twice.is_idempotent).map(|twice| twice.name).collect();
        assert_eq!(not, ["add $100", "count a visit", "append a line", "create an order"]);
        for twice in &done {
            assert_eq!(
                twice.once == twice.twice,
                twice.is_idempotent,
                "the part shows the difference: {twice:?}"
            );
        }
    }

    #[test]
    fn an_idempotent_operation_may_reply_that_it_failed() {
        let done = done_twice();
        let differ: Vec<_> = done
            .iter()
            .filter(|twice| twice.replies[0] != twice.replies[1])
            .map(|twice| (twice.name, twice.replies, twice.is_idempotent))
            .collect();
        assert_eq!(
            differ,
            [
                ("set x = 5 if it is 3", ["done", "failed"], true),
                ("delete the page", ["done", "no such page"], true),
            ]
        );
    }

    #[test]
    fn an_idempotent_operation_can_still_come_too_late() {
        assert_eq!(late_retry(), [5, 7]);
    }
}
