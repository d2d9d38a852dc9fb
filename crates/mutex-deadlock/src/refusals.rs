//! Seven small programs, and what the compiler reports for each.
//!
//! They are doctests, so `cargo test` compiles them. A test of the lesson checks that the messages
//! quoted here are the compiler's own.

/// One program.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// What it does, in a few words.
    pub name: &'static str,
    /// Its file in the folder `programs`, without `.rs`.
    pub file: &'static str,
    /// Its source.
    pub source: &'static str,
    /// What the compiler reports; `None`: it compiles.
    pub refused: Option<Refusal>,
}

/// Why a program does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code of the error, to look up with `rustc --explain`.
    pub code: &'static str,
    /// The first line of its message.
    pub words: &'static str,
}

macro_rules! programs {
    ($(
        $(#[$doc:meta])*
        $constant:ident: $file:literal, $name:literal, $fence:literal, $refused:expr;
    )+) => {
        $(
            $(#[$doc])*
            #[doc = concat!("\n```", $fence)]
            #[doc = include_str!(concat!("../programs/", $file, ".rs"))]
            #[doc = "```"]
            pub const $constant: Program = Program {
                name: $name,
                file: $file,
                source: include_str!(concat!("../programs/", $file, ".rs")),
                refused: $refused,
            };
        )+

        /// All of them.
        pub const PROGRAMS: &[Program] = &[$($constant),+];
    };
}

programs! {
    /// Two threads change one variable.
    PLAIN: "plain", "two threads change a variable", "compile_fail,E0499", refusal(
        "E0499", "cannot borrow `counter` as mutable more than once at a time");

    /// The owners of an `Rc` are counted by plain numbers, on which threads would race.
    RC: "rc", "an Rc goes into a thread", "compile_fail,E0277", refusal(
        "E0277", "`Rc<std::sync::Mutex<i32>>` cannot be sent between threads safely");

    /// A `RefCell` notes with plain numbers who borrows it.
    REF_CELL: "ref_cell", "threads share a RefCell", "compile_fail,E0277", refusal(
        "E0277", "`RefCell<i32>` cannot be shared between threads safely");

    /// An `Arc` has several owners, so none of them may change what is in it.
    ARC: "arc", "a thread changes what is in an Arc", "compile_fail,E0594", refusal(
        "E0594", "cannot assign to data in an `Arc`");

    /// A `Mutex` has one owner, like any value.
    MUTEX: "mutex", "two threads own a Mutex", "compile_fail,E0382", refusal(
        "E0382", "use of moved value: `counter`");

    /// Several owners and one at a time: both together.
    ARC_MUTEX: "arc_mutex", "ten threads own an Arc<Mutex<_>>", "", None;

    /// Every access is atomic, and an update is lost all the same: each thread loads 0 before any
    /// of them stores.
    LOAD_STORE: "load_store", "load and store of an atomic", "", None;
}

const fn refusal(code: &'static str, words: &'static str) -> Option<Refusal> {
    Some(Refusal { code, words })
}
