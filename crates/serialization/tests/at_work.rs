//! How bytes that stay are read at work: the version first, and bytes that were kept.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

const MAX_STORED: usize = 64 << 10;

#[derive(Serialize, Deserialize)]
enum Stored {
    V1(TransferV1),
    V2(Transfer),
}

#[derive(Serialize, Deserialize)]
struct TransferV1 {
    from: String,
    to: String,
    cents: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Transfer {
    from: String,
    to: String,
    cents: u64,
    note: String,
}

fn load(bytes: &[u8]) -> Result<Transfer> {
    ensure!(bytes.len() <= MAX_STORED, "{} bytes are too many", bytes.len());
    let (stored, rest) = postcard::take_from_bytes(bytes)?;
    ensure!(rest.is_empty(), "{} bytes are left over", rest.len());
    Ok(match stored {
        Stored::V1(TransferV1 { from, to, cents }) => {
            Transfer { from, to, cents: cents.into(), note: String::new() }
        }
        Stored::V2(transfer) => transfer,
    })
}

#[test]
fn last_years_bytes_are_still_read() -> Result<()> {
    let kept = b"\x00\x03ann\x03bob\x88\x27"; // written by release 1.4, and never changed
    let transfer = load(kept)?;
    assert_eq!((transfer.from.as_str(), transfer.cents), ("ann", 5_000));
    Ok(())
}

#[test]
fn this_years_bytes_are_read_and_others_are_refused() -> Result<()> {
    let note = "rent".to_owned();
    let [from, to] = ["ann", "bob"].map(str::to_owned);
    let bytes = postcard::to_stdvec(&Stored::V2(Transfer { from, to, cents: 5_000, note }))?;
    assert_eq!(load(&bytes)?.note, "rent");
    let next_version = [&[2], &bytes[1..]].concat();
    for refused in [&next_version[..], &[&bytes[..], &[0]].concat(), &[0; MAX_STORED + 1]] {
        assert!(load(refused).is_err());
    }
    Ok(())
}
