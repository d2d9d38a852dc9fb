//! The page of a trace, as a parser of HTML sees it. `scripts/browser-check` tries it in a browser.

use proptest::prelude::*;
use serde_json::{Value, json};
use trace::{Event, Trace};

/// The text between two others.
fn between<'page>(page: &'page str, start: &str, end: &str) -> &'page str {
    let (_, rest) = page.split_once(start).expect("it is there");
    rest.split_once(end).expect("it ends").0
}

fn data(page: &str) -> &str {
    // As a parser of HTML does, whatever is in between.
    between(page, "<script type=\"application/json\" id=\"data\">", "</script")
}

#[test]
fn the_script_gets_the_whole_trace() {
    let mut trace = Trace::new(["n0", "n1"]);
    for event in [
        Event::send(0, 1, "m1").label("A").lamport(1).vector([1, 0]),
        Event::receive(1, "m1").time(1_700_000_000_000),
        Event::send(0, 1, "m2").lamport(u64::MAX),
        Event::local(1).lamport((1 << 53) - 1),
        Event::local(1).lamport(1 << 53),
    ] {
        trace.push(event).unwrap();
    }
    trace.lose("m2").unwrap();
    let parsed: Value = serde_json::from_str(data(&views::html(&trace, "Run"))).unwrap();
    let expected = json!({
        "nodes": ["n0", "n1"],
        "events": [
            {
                "node": 0, "row": 0, "label": "A", "sent": "m1", "to": 1, "lamport": 1,
                "vector": [1, 0]
            },
            { "node": 1, "row": 0, "label": "", "received": "m1", "time": 1_700_000_000_000_u64 },
            {
                "node": 0, "row": 1, "label": "", "sent": "m2", "to": 1,
                "lamport": "18446744073709551615"
            },
            { "node": 1, "row": 2, "label": "", "lamport": 9_007_199_254_740_991_u64 },
            { "node": 1, "row": 3, "label": "", "lamport": "9007199254740992" },
        ],
        "lost": ["m2"],
        "tracks": [0, 0],
        "arrows": [{ "from": 0, "to": 1 }],
    });
    assert_eq!(parsed, expected);
}

#[test]
fn a_title_is_text_and_not_a_placeholder() {
    let trace = Trace::new(["n0"]);
    let page = views::html(&trace, "</title><script>'\"&\u{0}{{data}}{{script}}");
    let title = "&lt;/title&gt;&lt;script&gt;&#39;&quot;&amp;\u{fffd}{{data}}{{script}}";
    assert_eq!(between(&page, "<title>", "</title>"), title);
    assert_eq!(between(&page, "<h1>", "</h1>"), title);
    assert_eq!(page.matches("<script").count(), 2);
}

#[test]
fn the_page_refers_to_no_other_address() {
    let page = views::html(&Trace::new(["n0"]), "Run");
    for reference in ["src=", "href=", "url(", "@import", "fetch(", "import("] {
        assert!(!page.contains(reference), "{reference}");
    }
    // The name of a vocabulary, which is not requested.
    let names = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!names.contains("://"));
}

/// Texts with many characters that HTML and JavaScript interpret.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<".to_owned()),
        Just("</script>".to_owned()),
        Just("<!--".to_owned()),
        Just("&lt;".to_owned()),
        Just("\\u003c\"'`".to_owned()),
        Just("\u{2028}\u{2029}\u{0}".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_of_a_trace_is_interpreted_by_html(
        node in text(),
        label in text(),
        message in text(),
    ) {
        let mut trace = Trace::new([&node, "other"]);
        trace.push(Event::send(0, 1, &message).label(&label)).expect("it is the first");
        let page = views::html(&trace, "Run");
        let data = data(&page);
        let sign = data.find(['<', '>', '&', '\u{2028}', '\u{2029}']);
        prop_assert_eq!(sign, None);
        let parsed: Value = serde_json::from_str(data).expect("it is JSON");
        prop_assert_eq!(&parsed["nodes"][0], &json!(node));
        prop_assert_eq!(&parsed["events"][0]["label"], &json!(label));
        prop_assert_eq!(&parsed["events"][0]["sent"], &json!(message));
        prop_assert_eq!(page.matches("<script").count(), 2);
        prop_assert_eq!(page, views::html(&trace, "Run"));
    }
}
