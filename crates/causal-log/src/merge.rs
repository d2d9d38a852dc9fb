//! Several logs in causal order.
//!
//! The order is that of a stamp that a cause has smaller than its effect: the Lamport stamp, or
//! where a log has none the sum of the entries of the vector. The sum is the number of events in
//! the past and the event itself, so it grows from every event to each that follows from it; like a
//! Lamport stamp it says nothing about the converse. Equal stamps go by the name of the service,
//! then by input, then by line.
//!
//! Where each input is in that order already, only the next line of each is held, in a heap (the
//! k-way merge of D. Knuth, "The Art of Computer Programming" 3, 5.4.1). Otherwise [`Merge::sort`]
//! holds all lines.
//!
//! * Lines come out as the bytes that they were, and each once.
//! * Both ways give the same order.
//! * All lines go by the same stamp: the first line of the first input decides, and one that lacks
//!   it is bad.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io::{self, BufRead};

use crate::input::{BadLine, Complain, Input, InputError, Next, Why, text};
use crate::line::{Field, Fields, Line, Said};

/// The most bytes of lines that [`Merge::sort`] holds.
pub const MAX_HELD: usize = 1 << 30;

/// A line that has a place in the order. It compares by that place.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Head {
    stamp: u64,
    service: String,
    /// The input, from 0.
    input: usize,
    /// The line's number in it, from 1.
    line: u64,
    text: Vec<u8>,
}

impl Head {
    /// The line, without its newline.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

/// Why a merge has ended before the end.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// An input cannot be read, or reading is to stop at a bad line.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The lines cannot be written.
    #[error("cannot write")]
    Write(#[source] io::Error),
    /// An input is not in order.
    #[error("{file}:{line}: it belongs above the line before it")]
    OutOfOrder {
        /// The input.
        file: String,
        /// The first line that comes too late.
        line: u64,
    },
    /// There is more than [`Merge::sort`] holds.
    #[error("there are more than {MAX_HELD} bytes to hold")]
    TooLarge,
}

impl From<BadLine> for MergeError {
    fn from(line: BadLine) -> MergeError {
        MergeError::Input(line.into())
    }
}

/// The stamp that all lines go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Lamport,
    Vector,
}

/// What is read, how, and what happens to bad lines.
pub struct Merge<'a, R, C> {
    inputs: Vec<Input<R>>,
    fields: &'a Fields,
    complain: &'a mut C,
    by: Option<By>,
}

impl<'a, R: BufRead, C: Complain> Merge<'a, R, C> {
    /// A merge of these.
    pub fn new(inputs: Vec<Input<R>>, fields: &'a Fields, complain: &'a mut C) -> Self {
        Merge { inputs, fields, complain, by: None }
    }

    /// Hands out all lines, in order, each input being in order already. `out` also gets the number
    /// of bytes read.
    ///
    /// ```
    /// use causal_log::input::{Input, Strict};
    /// use causal_log::line::Fields;
    /// use causal_log::merge::{Merge, MergeError};
    ///
    /// let a = &b"{\"service\":\"a\",\"lamport\":1}\n{\"service\":\"a\",\"lamport\":4}\n"[..];
    /// let b = &b"{\"service\":\"b\",\"lamport\":2}"[..];
    /// let inputs = vec![Input::new("a", a), Input::new("b", b)];
    /// let mut stamps = Vec::new();
    /// Merge::new(inputs, &Fields::default(), &mut Strict).sorted(|line, _| {
    ///     stamps.push(line.text()[25]);
    ///     Ok(())
    /// })?;
    /// assert_eq!(stamps, b"124");
    /// # Ok::<(), MergeError>(())
    /// ```
    ///
    /// # Errors
    /// A [`MergeError`]; of [`OutOfOrder`](MergeError::OutOfOrder) what was handed out before is in
    /// order.
    pub fn sorted(
        mut self,
        mut out: impl FnMut(&Head, u64) -> io::Result<()>,
    ) -> Result<(), MergeError> {
        let mut heads = BinaryHeap::with_capacity(self.inputs.len());
        for input in 0..self.inputs.len() {
            let mut head = Head::default();
            if self.next(input, &mut head)? {
                heads.push(Reverse(head));
            }
        }
        let mut before = Head::default();
        while let Some(mut first) = heads.peek_mut() {
            out(&first.0, self.bytes()).map_err(MergeError::Write)?;
            std::mem::swap(&mut before, &mut first.0);
            match self.next(before.input, &mut first.0)? {
                true if (first.0.stamp, &first.0.service) < (before.stamp, &before.service) => {
                    return Err(self.out_of_order(&first.0));
                }
                true => {}
                false => drop(PeekMut::pop(first)),
            }
        }
        Ok(())
    }

    /// The first line of an input that is out of order, if there is one. Nothing is handed out.
    ///
    /// # Errors
    /// A [`MergeError`].
    pub fn disorder(mut self, mut read: impl FnMut(u64)) -> Result<Option<MergeError>, MergeError> {
        let (mut head, mut before) = (Head::default(), Head::default());
        for input in 0..self.inputs.len() {
            (before.stamp, before.service) = (0, String::new());
            while self.next(input, &mut head)? {
                if (head.stamp, &head.service) < (before.stamp, &before.service) {
                    return Ok(Some(self.out_of_order(&head)));
                }
                std::mem::swap(&mut head, &mut before);
                read(self.bytes());
            }
        }
        Ok(None)
    }

    /// Hands out all lines, in order, and holds all of them for that.
    ///
    /// # Errors
    /// A [`MergeError`].
    pub fn sort(
        mut self,
        mut out: impl FnMut(&Head, u64) -> io::Result<()>,
    ) -> Result<(), MergeError> {
        let (mut heads, mut held) = (Vec::new(), 0);
        for input in 0..self.inputs.len() {
            let mut head = Head::default();
            while self.next(input, &mut head)? {
                // What it takes besides its text is counted, too.
                held += size_of::<Head>() + head.service.len() + head.text.len();
                if held > MAX_HELD {
                    return Err(MergeError::TooLarge);
                }
                // A copy has no room to spare.
                heads.push(head.clone());
            }
        }
        // No two are equal: each line has its number.
        heads.sort_unstable();
        let bytes = self.bytes();
        heads.iter().try_for_each(|head| out(head, bytes)).map_err(MergeError::Write)
    }

    /// Reads the next line of an input that has a place in the order. Returns whether there is one.
    fn next(&mut self, number: usize, head: &mut Head) -> Result<bool, MergeError> {
        let input = &mut self.inputs[number];
        while input.next(&mut head.text, self.complain)? == Next::Line {
            match place(&head.text, self.fields, &mut self.by) {
                Ok(None) => {}
                Ok(Some((stamp, said))) => {
                    (head.stamp, head.input, head.line) = (stamp, number, input.line());
                    head.service.clear();
                    head.service.push_str(&said.service);
                    return Ok(true);
                }
                Err(why) => self.complain.bad(input.bad(why))?,
            }
        }
        Ok(false)
    }

    fn bytes(&self) -> u64 {
        self.inputs.iter().map(Input::bytes).sum()
    }

    fn out_of_order(&self, head: &Head) -> MergeError {
        MergeError::OutOfOrder { file: self.inputs[head.input].name.clone(), line: head.line }
    }
}

/// The stamp of a line, and what it says, if it is an event.
fn place<'text>(
    line: &'text [u8],
    fields: &Fields,
    by: &mut Option<By>,
) -> Result<Option<(u64, Said<'text>)>, Why> {
    let Line::Event(said) = fields.read(text(line)?)? else {
        return Ok(None);
    };
    let has = match (said.lamport, &said.vector) {
        (Some(_), _) => By::Lamport,
        (None, Some(_)) => By::Vector,
        (None, None) if by.is_none() => {
            let name = |field| fields.name(field).to_owned();
            return Err(Why::NoStamp(name(Field::Lamport), name(Field::Vector)));
        }
        (None, None) => By::Vector,
    };
    let other = |field| Why::OtherStamp(fields.name(field).to_owned());
    let stamp = match by.get_or_insert(has) {
        By::Lamport => said.lamport.ok_or_else(|| other(Field::Lamport))?,
        By::Vector => match &said.vector {
            Some(vector) => sum(vector.iter().map(|(_, count)| *count)).ok_or(Why::Sum)?,
            None => return Err(other(Field::Vector)),
        },
    };
    Ok(Some((stamp, said)))
}

/// The sum of the entries of a vector, if it does not overflow.
pub(crate) fn sum(counts: impl IntoIterator<Item = u64>) -> Option<u64> {
    counts.into_iter().try_fold(0u64, u64::checked_add)
}
