//! t
use dns::network::*;
use dns::record::Kind;
use dns::resolver::*;
use dns::tree::Tree;
use std::collections::BTreeMap;
#[test]
fn walk() {
    let tree = Tree::of_the_lesson();
    let (_s, places) = tree.start_anywhere(tree.root, &BTreeMap::new()).unwrap();
    let mut n = 0u16;
    let mut r = Resolver::new(Sockets::new(places), tree.root, Limits::default(), move || {
        n += 1;
        n
    });
    for (name, kind) in [
        ("web.example.com", Kind::A),
        ("web.example.com", Kind::A),
        ("www.example.com", Kind::Aaaa),
        ("store.example.com", Kind::A),
        ("ring1.example.com", Kind::A),
        ("circle.com", Kind::A),
        ("x.circle.com", Kind::A),
        ("nope.example.com", Kind::A),
        ("office.example.com", Kind::A),
        ("long.example.com", Kind::Txt),
        ("com", Kind::Soa),
        ("de", Kind::A),
        ("loop.net", Kind::A),
    ] {
        let a = r.resolve(&name.parse().unwrap(), kind);
        println!("== {name} {kind}: {a:?}");
        for e in &r.exchanges {
            println!(
                "   {} {} {} {:?} {:?} ign {} {:?}",
                e.address, e.zone, e.question.name, e.question.kind, e.over, e.ignored, e.said
            );
        }
    }
}
