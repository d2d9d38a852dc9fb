//! Exercise: recover a counter from the bytes of its log. One way to write it.

use std::collections::BTreeSet;

use checks::durable_counter::{Damage, MAX_BODY, Recovered, checksum};

/// What was counted, from all bytes of the log of this number.
pub fn recover(bytes: &[u8], log: u32) -> Result<Recovered, Damage> {
    let mut requests = BTreeSet::new();
    let mut recovered = Recovered { total: 0, good: 0 };
    while let Some(body) = next_body(bytes, recovered.good)? {
        let (number, amount, request) = fields(body);
        if number != log {
            return Err(Damage { at: recovered.good });
        }
        if requests.insert(request) {
            recovered.total += u64::from(amount);
        }
        recovered.good += 8 + body.len() + 4;
    }
    Ok(recovered)
}

/// The body of the record that begins here; `None` at the end, and where the record is torn.
fn next_body(bytes: &[u8], at: usize) -> Result<Option<&[u8]>, Damage> {
    let mut rest = &bytes[at..];
    let Some(header) = rest.split_off(..8) else { return Ok(None) };
    let length = number(&header[..4]) as usize;
    // First of all, since what follows believes the length.
    if checksum(&header[..4]) != number(&header[4..]) || !(8..=MAX_BODY).contains(&length) {
        return Err(Damage { at });
    }
    let (Some(body), Some(sum)) = (rest.split_off(..length), rest.split_off(..4)) else {
        return Ok(None);
    };
    match checksum(body) == number(sum) {
        true => Ok(Some(body)),
        false if rest.is_empty() => Ok(None),
        false => Err(Damage { at }),
    }
}

fn fields(body: &[u8]) -> (u32, u32, &[u8]) {
    (number(&body[..4]), number(&body[4..8]), &body[8..])
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().expect("a number has 4 bytes"))
}
