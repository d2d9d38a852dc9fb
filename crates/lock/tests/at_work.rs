//! The lesson's idea as people write it at work: a write to etcd under a lease.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

/// A transaction of etcd: write `value` to `key`, if the lock's key is still as it was when we took
/// the lock. Its `mod_revision` is the token: etcd counts it up with every write.
fn fenced_put(lock: &str, token: i64, key: &str, value: &str) -> Value {
    let base64 = |text: &str| BASE64_STANDARD.encode(text);
    json!({
        "compare": [{
            "key": base64(lock),
            "target": "MOD",
            "result": "EQUAL",
            "mod_revision": token.to_string(), // 64 bits, which JSON numbers may not hold
        }],
        "success": [{ "requestPut": { "key": base64(key), "value": base64(value) } }],
    })
}

/// What etcd does with such a transaction: a value and its `mod_revision` at each key.
#[derive(Default)]
struct Etcd {
    revision: i64,
    keys: BTreeMap<String, (String, i64)>,
}

impl Etcd {
    fn put(&mut self, key: &str, value: &str) -> i64 {
        self.revision += 1;
        self.keys.insert(BASE64_STANDARD.encode(key), (value.to_owned(), self.revision));
        self.revision
    }

    fn succeeds(&mut self, transaction: &Value) -> bool {
        let compare = &transaction["compare"][0];
        let key = compare["key"].as_str().expect("a key");
        let found = self.keys.get(key).map_or(0, |(_, revision)| *revision).to_string();
        let succeeds = compare["mod_revision"] == *found;
        if succeeds {
            let put = &transaction["success"][0]["requestPut"];
            let text = |field: &str| {
                let bytes = BASE64_STANDARD.decode(put[field].as_str().expect("a string"));
                String::from_utf8(bytes.expect("base64")).expect("UTF-8")
            };
            self.put(&text("key"), &text("value"));
        }
        succeeds
    }
}

#[test]
fn a_late_write_of_an_earlier_holder_fails() {
    let mut etcd = Etcd::default();
    let first = etcd.put("lock", "client 1");
    let late = fenced_put("lock", first, "report", "by client 1");
    let second = etcd.put("lock", "client 2");
    assert!(etcd.succeeds(&fenced_put("lock", second, "report", "by client 2")));
    assert!(!etcd.succeeds(&late));
    assert_eq!(etcd.keys[&BASE64_STANDARD.encode("report")].0, "by client 2");
}
