//! A tag as it is checked at work: GitHub signs what it sends to your server.

use hmac_sha256::HMAC;

fn is_from_github(secret: &[u8], body: &[u8], header: &str) -> bool {
    // X-Hub-Signature-256: "sha256=" and the tag in hex.
    let Some(hex) = header.strip_prefix("sha256=") else { return false };
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let Some(tag) = hex.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>() else {
        return false;
    };
    // Not `==`: the time that it takes would show how many bytes are right.
    tag.try_into().is_ok_and(|tag: [u8; 32]| HMAC::verify(body, secret, &tag))
}

/// The example of GitHub's documentation.
const SECRET: &[u8] = b"It's a Secret to Everybody";
const BODY: &[u8] = b"Hello, World!";
const HEADER: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

#[test]
fn what_github_signed_is_taken_and_nothing_else() {
    assert!(is_from_github(SECRET, BODY, HEADER));
    assert!(!is_from_github(SECRET, b"Hello, World?", HEADER));
    assert!(!is_from_github(b"another", BODY, HEADER));
    for header in
        ["", "sha256=", "sha1=757107", &HEADER[..HEADER.len() - 1], &HEADER[7..], "sha256=é"]
    {
        assert!(!is_from_github(SECRET, BODY, header), "{header}");
    }
    for wrong in [HEADER.replace('7', "6"), format!("{HEADER}00"), HEADER.replace('e', "+")] {
        assert!(!is_from_github(SECRET, BODY, &wrong), "{wrong}");
    }
}
