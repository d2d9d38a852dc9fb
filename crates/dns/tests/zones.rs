//! Names and zone files.

use std::fs;

use dns::name::{Name, NameError};
use dns::record::{Data, Kind, Record};
use dns::tree::Tree;
use dns::zone::Zone;
use lesson_tests::Result;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn a_name_has_limits_at_each_length() {
    let label = "a".repeat(63);
    let longest = [&*label, &label, &label, &"a".repeat(61)].join(".");
    assert_eq!(longest.len() + 2, 255);
    assert!(longest.parse::<Name>().is_ok());
    assert_eq!(format!("{longest}a").parse::<Name>(), Err(NameError::TooLong(256)));
    assert_eq!("a".repeat(64).parse::<Name>(), Err(NameError::LabelTooLong(64)));
    assert_eq!("a".repeat(300).parse::<Name>(), Err(NameError::LabelTooLong(300)));
    for empty in ["", "a..b", ".a", "a.b.."] {
        assert_eq!(empty.parse::<Name>(), Err(NameError::EmptyLabel), "{empty}");
    }
    for (text, wrong) in [("münchen.de", 'ü'), ("a b", ' '), ("*.com", '*'), ("a\0", '\0')] {
        assert_eq!(text.parse::<Name>(), Err(NameError::Character(wrong)));
    }
    assert_eq!(name(".").to_string(), ".");
    let top = name(&label);
    let joined = Name::join(&name(&[&*label, &label, &label].join(".")), &top);
    assert!(matches!(joined, Err(NameError::TooLong(257))));
    let shorter = name(&[&*label, &label, &"a".repeat(61)].join("."));
    assert!(Name::join(&shorter, &top).is_ok_and(|joined| joined.to_string().len() == 253));
}

#[test]
fn above_each_name_is_the_root() {
    let above = |text| name(text).and_above().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(above("a.b"), ["a.b", "b", "."]);
    assert_eq!(above("."), ["."]);
    for (below, top, is_within) in [
        ("a.b", "b", true),
        ("b", "b", true),
        ("b", ".", true),
        (".", ".", true),
        (".", "b", false),
        ("b", "a.b", false),
        ("ab", "b", false),
    ] {
        assert_eq!(name(below).is_within(&name(top)), is_within, "{below} {top}");
    }
}

#[test]
fn any_bytes_on_the_wire_are_a_name_that_goes_back() {
    let labels = [b"a.b".as_slice(), b"\\ \x00\xff", b"UP-per_1"];
    let wire: Vec<_> =
        labels.iter().map(|label| simple_dns::Label::new_unchecked(*label)).collect();
    let name = Name::from_wire(&simple_dns::Name::new_with_labels(&wire));
    assert_eq!(name.to_string(), r"a\046b.\092\032\000\255.up-per_1");
    assert_eq!(name.labels().count(), 3);
    let back: Vec<Vec<u8>> = name.to_wire().as_bytes().map(<[u8]>::to_vec).collect();
    assert_eq!(back, [b"a.b".as_slice(), b"\\ \x00\xff", b"up-per_1"]);
}

#[test]
fn a_text_may_have_any_bytes() {
    let owner = simple_dns::Name::new_unchecked("a");
    let mut text = simple_dns::rdata::TXT::new();
    text.add_char_string(simple_dns::CharacterString::new(b"caf\xe9").unwrap());
    let data = simple_dns::rdata::RData::TXT(text);
    let record = simple_dns::ResourceRecord::new(owner, simple_dns::CLASS::IN, 9, data);
    let read = Record::from_wire(&record).expect("it is a TXT record");
    assert_eq!(read.data, Data::Txt("caf\u{fffd}".to_owned()));
}

#[test]
fn a_ttl_that_is_negative_as_a_signed_number_is_zero() {
    let record = Record { name: name("a"), ttl: 0, data: Data::A([192, 0, 2, 1].into()) };
    const MOST: u32 = i32::MAX as u32;
    for (ttl, read) in [(0, 0), (1, 1), (MOST, MOST), (MOST + 1, 0), (u32::MAX, 0)] {
        let wire = Record { ttl, ..record.clone() };
        assert_eq!(Record::from_wire(&wire.to_wire()).map(|record| record.ttl), Some(read));
    }
    let mut chaos = record.to_wire();
    chaos.class = simple_dns::CLASS::CH;
    assert_eq!(Record::from_wire(&chaos), None, "of another class");
}

#[test]
fn the_lessons_zones_are_a_tree_of_six_servers() {
    let tree = Tree::of_the_lesson();
    assert_eq!(tree.servers.len(), 6);
    let zones: Vec<_> = tree.servers.values().flat_map(|server| &server.0).collect();
    assert_eq!(zones.len(), 7, "example.com has two servers");
    let read = Tree::read("../../lessons/05-dns/zones".as_ref()).unwrap();
    assert_eq!(read.servers.keys().collect::<Vec<_>>(), tree.servers.keys().collect::<Vec<_>>());
}

/// The beginning of a sound zone.
const TOP: &str =
    "$ORIGIN example.com.\n$TTL 60\n@ SOA ns admin 1 2 3 4 5\n NS ns\nns A 127.1.0.9\n";

#[test]
fn the_forms_of_a_record_mean_the_same() {
    let zone = Zone::parse(
        "z",
        &format!(
            "{TOP}; a comment\na 300 IN A 192.0.2.1 ; another\nb IN 300 A 192.0.2.1\n\
             c.example.com. 300 A 192.0.2.1\n\n\tAAAA 2001:db8::1\n\
             d TXT ( \"one; two\" ; three\n  \"(four)\" )\n$ORIGIN sub.example.com.\n\
             @ A 192.0.2.2\nx a 192.0.2.3\n"
        ),
    )
    .unwrap();
    for owner in ["a", "b", "c"] {
        let owner = name(&format!("{owner}.example.com"));
        let record = zone.find(&owner, Kind::A).next().unwrap();
        assert_eq!((record.ttl, record.data.to_string()), (300, "192.0.2.1".to_owned()));
    }
    assert!(zone.find(&name("c.example.com"), Kind::Aaaa).next().is_some());
    let text = zone.find(&name("d.example.com"), Kind::Txt).next().unwrap();
    assert_eq!(text.data, Data::Txt("one; two(four)".to_owned()));
    assert!(zone.find(&name("x.sub.example.com"), Kind::A).next().is_some());
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let long_name = "a".repeat(64);
    let cases = [
        ("x A 1.2.3", "7: `1.2.3` is not an IPv4 address"),
        ("x A 1.2.3.4 5", "7: A takes one address"),
        ("x AAAA 1.2.3.4", "7: `1.2.3.4` is not an IPv6 address"),
        ("x MX 10 m", "7: `MX` is not a type: A, AAAA, CNAME, NS, SOA or TXT"),
        ("x 300", "7: a type is missing: A, AAAA, CNAME, NS, SOA or TXT"),
        ("x 1h A 192.0.2.1", "7: `1h` is not a TTL: whole seconds, 2147483647 at most"),
        ("x 2147483648 A 192.0.2.1", "7: `2147483648` is not a TTL"),
        ("x A 192.0.2.1\nx A 192.0.2.1", "8: x.example.com has this record already"),
        ("x.org. A 192.0.2.1", "7: x.org does not lie in the zone example.com"),
        ("x_ä A 192.0.2.1", "7: `x_ä` is not a name: it has the character ä"),
        (&*format!("{long_name} A 192.0.2.1"), "is not a name: a label has 64 bytes; 63 at most"),
        ("x TXT \"open", "7: the quotation mark is not closed"),
        ("x TXT ( a\n\n\n", "7: the parenthesis is not closed"),
        ("x TXT )", "7: a `)` that does not belong there"),
        ("x TXT ( a\n ( b ) )", "8: a `(` that does not belong there"),
        ("x TXT", "7: TXT takes one text or more"),
        ("x SOA a b 1 2 3 4 5", "7: a zone has one SOA record"),
        ("x A 192.0.2.1\nx 61 A 192.0.2.2", "8: the A records of x.example.com have one TTL, 60"),
        ("x CNAME y\nx A 192.0.2.1", "8: x.example.com is an alias (CNAME), so it has no other"),
        ("x NS ns.x", "7: ns.x.example.com serves x.example.com and lies below it"),
        ("$INCLUDE other", "7: $INCLUDE is not one of $ORIGIN and $TTL"),
        ("$ORIGIN com", "7: $ORIGIN takes one name with a dot at its end"),
        ("$TTL", "7: $TTL is not one of $ORIGIN and $TTL, with one value each"),
    ];
    for (lines, error) in cases {
        let found = Zone::parse("f.zone", &format!("{TOP};\n{lines}")).unwrap_err().to_string();
        assert!(found.starts_with("f.zone:") && found.contains(error), "{lines}: {found}");
        assert_eq!(found.lines().count(), 1);
    }
}

#[test]
fn a_zone_lacks_neither_its_first_lines_nor_a_server() {
    for (text, error) in [
        ("", "f:1: the zone has no SOA record"),
        ("$ORIGIN a.\nx 1 A 192.0.2.1", "f:2: the first record of a zone is its SOA record"),
        ("x 1 A 192.0.2.1", "f:1: $ORIGIN has to stand before the first name"),
        (" 1 A 192.0.2.1", "f:1: the first record has no owner before it"),
        ("$ORIGIN a.\n@ SOA b c 1 2 3 4 5", "f:2: it has no TTL, and no $TTL stands before it"),
        ("$ORIGIN a.\n@ 1 SOA b c 1 2 3 4 x", "f:2: `x` is not a number below 2^32"),
        ("$ORIGIN a.\n@ 1 SOA b c 1 2 3 4", "f:2: SOA takes a server, a mailbox and five numbers"),
        ("$ORIGIN a.\n@ 1 SOA b c 1 2 3 4 5", "f:2: a has no NS record: a zone names its servers"),
    ] {
        assert_eq!(Zone::parse("f", text).unwrap_err().to_string(), error);
    }
}

#[test]
fn files_have_limits() -> Result<()> {
    let many: String = (0..10_000).map(|number| format!("x{number} A 192.0.2.1\n")).collect();
    let error = Zone::parse("f", &format!("{TOP}{many}")).unwrap_err().to_string();
    assert_eq!(error, "f:10003: a zone has at most 10000 records");
    let longest = Zone::parse("f", &";".repeat(1 << 20)).unwrap_err().to_string();
    assert_eq!(longest, "f:1: the zone has no SOA record");
    let folder = tempfile::tempdir()?;
    let read = || Tree::read(folder.path()).unwrap_err().to_string();
    assert_eq!(read(), "no zone file is of the root, `.`");
    fs::write(folder.path().join("a.zone"), vec![b';'; (1 << 20) + 1])?;
    assert!(read().ends_with("a.zone:1: the file is longer than 1048576 bytes"), "{}", read());
    fs::write(folder.path().join("a.zone"), b"\xff\xfe")?;
    assert!(read().starts_with("cannot read "), "{}", read());
    let root = "$ORIGIN .\n$TTL 1\n@ SOA ns a 1 2 3 4 5\n NS ns\nns A ";
    fs::write(folder.path().join("a.zone"), format!("{root}192.0.2.1\n"))?;
    assert!(read().contains("ns, a server of ., has the address 192.0.2.1"), "{}", read());
    fs::write(folder.path().join("a.zone"), format!("{root}127.0.0.1\n"))?;
    assert!(Tree::read(folder.path()).is_ok());
    fs::write(folder.path().join("b.zone"), format!("{root}127.0.0.1\n"))?;
    assert_eq!(read(), "two zone files are of .");
    // Each server runs threads, and has a copy of its zones.
    let many = |count: u8, address: fn(u8) -> u8| {
        let one = |n| format!("@ NS n{n}\nn{n} A 127.1.1.{}\n", address(n));
        format!("{root}127.1.1.1\n") + &(1..=count).map(one).collect::<String>()
    };
    fs::remove_file(folder.path().join("b.zone"))?;
    fs::write(folder.path().join("a.zone"), many(65, |n| n))?;
    assert_eq!(read(), "the zones name more than 64 servers");
    fs::write(folder.path().join("a.zone"), many(64, |n| n))?;
    assert_eq!(Tree::read(folder.path())?.servers.len(), 64);
    fs::write(folder.path().join("a.zone"), many(65, |_| 1))?;
    let tree = Tree::read(folder.path())?;
    assert_eq!(tree.servers[&[127, 1, 1, 1].into()].0.len(), 1, "by 66 names, and once");
    fs::write(folder.path().join("b.zone"), "")?;
    fs::remove_file(folder.path().join("b.zone"))?;
    fs::create_dir(folder.path().join("b.zone"))?;
    let error = anyhow::Error::from(Zone::read(&folder.path().join("b.zone")).unwrap_err());
    assert!(format!("{error:#}").ends_with("it is not a file"), "{error:#}");
    Ok(())
}
