//! A writer and a reader as real processes, for a pipe between them or to a program of yours.

use std::io::{Read, Write};

use anyhow::{Context, ensure};
use narration::WithHint;

use crate::bytes::{Message, pretty};
use crate::format::Format;

/// The longest message that is read, in bytes.
pub const LIMIT: u64 = 64 << 10;

/// Writes a message: its bytes and nothing else, but for pretty JSON, which is for people and ends
/// with a newline.
///
/// # Errors
/// It cannot be written.
pub fn write(
    message: &Message,
    format: Format,
    is_pretty: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let bytes = match is_pretty {
        true => pretty(message)?.into_bytes(),
        false => format.write(message)?,
    };
    out.write_all(&bytes)?;
    if is_pretty {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Reads one message and prints its fields, one a line.
///
/// # Errors
/// There are more than [`LIMIT`] bytes, or they are not a message in this format.
pub fn read(format: Format, input: &mut impl Read, out: &mut impl Write) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    input.take(LIMIT + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
    ensure!(bytes.len() as u64 <= LIMIT, "a message has at most {LIMIT} bytes");
    let message: Message = format
        .read(&bytes)
        .with_context(|| format!("standard input is not a message in {}", format.name()))
        .hint("`write` makes one; --format must be the same on both sides")?;
    let Message { id, text, urgent, reply_to } = message;
    let reply_to = reply_to.map_or("none".to_owned(), |id| id.to_string());
    let text = narration::printable(text.as_bytes());
    writeln!(out, "id {id}\ntext {text}\nurgent {urgent}\nreply_to {reply_to}")?;
    Ok(())
}
