//! What a server reads of a request: its header, one question, and the record of EDNS.

use simple_dns::{Label, RCODE};

use super::edns::OPT;
use super::{Edns, HEADER};
use crate::name::{self, MAX_NAME, Name};

/// A larger number in place of a label's length points at another name.
const MAX_LABEL: u8 = name::MAX_LABEL as u8;

/// A request, as it lies in its bytes.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The id, which the answer repeats.
    pub id: u16,
    /// What kind of request it is; 0 is a query.
    pub opcode: u8,
    /// Whether the client would have the server do the walk.
    pub wants_recursion: bool,
    /// The question as it was asked, byte by byte: the name, the type, the class.
    pub question: &'a [u8],
    /// The labels of the name.
    pub labels: Vec<&'a [u8]>,
    /// The number of the type.
    pub kind: u16,
    /// The number of the class.
    pub class: u16,
    /// Whether and how it takes part in EDNS.
    pub edns: Option<Edns>,
}

impl<'a> Request<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// FORMERR: it is cut short, has not one question, or two records of EDNS; NOTIMP for what is
    /// not a query, and has another form.
    pub fn read(message: &'a [u8]) -> Result<Request<'a>, RCODE> {
        let mut reader = Reader { message, at: 0 };
        let header = [(); HEADER / 2].map(|()| reader.number());
        let [Some(id), Some(flags), Some(questions), rest @ ..] = header else {
            return Err(RCODE::FormatError);
        };
        let opcode = (flags >> 11) as u8 & 0xf;
        let unreadable = if opcode == 0 { RCODE::FormatError } else { RCODE::NotImplemented };
        if questions != 1 {
            return Err(unreadable);
        }
        let (labels, kind, class) = reader.question().ok_or(unreadable)?;
        let question = &message[HEADER..reader.at];
        let edns = reader.edns(rest.map(Option::unwrap_or_default)).ok_or(unreadable)?;
        let wants_recursion = flags & 0x100 != 0;
        Ok(Request { id, opcode, wants_recursion, question, labels, kind, class, edns })
    }

    /// The name that is asked for, as it was written.
    pub fn name(&self) -> simple_dns::Name<'a> {
        let labels: Vec<_> = self.labels.iter().map(|label| Label::new_unchecked(*label)).collect();
        simple_dns::Name::new_with_labels(&labels)
    }

    /// The same name, as the zones have it.
    pub fn lower_case_name(&self) -> Name {
        Name::from_wire(&self.name())
    }
}

/// Reads from the front; `None` where the message ends too early.
struct Reader<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let bytes = self.message.get(self.at..)?.get(..count)?;
        self.at += count;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A question's name is written in full: there is nothing before it to point at.
    fn question(&mut self) -> Option<(Vec<&'a [u8]>, u16, u16)> {
        let mut labels = Vec::new();
        let start = self.at;
        loop {
            match self.take(1)?[0] {
                0 => break,
                length @ 1..=MAX_LABEL => labels.push(self.take(length.into())?),
                _ => return None,
            }
        }
        let fits = self.at - start <= MAX_NAME;
        fits.then_some((labels, self.number()?, self.number()?))
    }

    /// Steps over the records after the question; the last section may have one of EDNS, whose name
    /// is the root. Two of them are an error (RFC 6891, section 6.1.1).
    fn edns(&mut self, counts: [u16; 3]) -> Option<Option<Edns>> {
        let [answers, authority, additional] = counts.map(u32::from);
        let before = answers + authority;
        let mut edns = None;
        for place in 0..before + additional {
            let is_root = self.message.get(self.at) == Some(&0);
            self.skip_name()?;
            let (kind, class) = (self.number()?, self.number()?);
            let ttl = u32::from_be_bytes(self.take(4)?.try_into().ok()?);
            let length = self.number()?;
            self.take(length.into())?;
            if kind == OPT && place >= before {
                let is_first = edns.replace(Edns::from_fields(class, ttl)).is_none();
                (is_first && is_root).then_some(())?;
            }
        }
        Some(edns)
    }

    fn skip_name(&mut self) -> Option<()> {
        loop {
            match self.take(1)?[0] {
                0 => return Some(()),
                length @ 1..=MAX_LABEL => _ = self.take(length.into())?,
                // A pointer is the end of a name, and two bytes long.
                0xc0.. => return self.take(1).map(drop),
                _ => return None,
            }
        }
    }
}
