//! The disk in memory loses what it may, and nothing else.

use std::io::ErrorKind;

use runtime::disk::{Disk, Fault, Memory, Unsynced};

/// A file of two pages of four bytes, of which all is synced.
fn disk() -> Memory {
    let disk = Memory::with_pages_of(4);
    disk.put("file", "aaaabbbb");
    disk
}

#[test]
fn a_page_is_left_as_it_was_or_as_it_was_written() {
    for (survives, expected) in [
        (0b000, "aaaabbbb"),
        (0b001, "aaXXbbbb"),
        (0b010, "aaaaXXXX"),
        // A page that is left makes the file as long.
        (0b100, "aaaabbbbXX"),
        (0b101, "aaXXbbbbXX"),
        (0b111, "aaXXXXXXXX"),
    ] {
        let mut disk = disk();
        disk.write_at("file", 2, b"XXXXXXXX").unwrap();
        disk.lose_power(|unsynced| match unsynced {
            Unsynced::Page("file", page) => survives >> page & 1 == 1,
            Unsynced::Length("file") => false,
            other => panic!("{other:?}"),
        });
        assert_eq!(disk.shown("file").unwrap(), expected.as_bytes(), "{survives:03b}");
    }
}

#[test]
fn a_length_is_left_without_its_pages_and_they_are_zeros() {
    let mut disk = disk();
    disk.write_at("file", 12, b"XX").unwrap();
    disk.lose_power(|unsynced| matches!(unsynced, Unsynced::Length(_)));
    assert_eq!(disk.shown("file").unwrap(), b"aaaabbbb\0\0\0\0\0\0");
}

#[test]
fn a_cut_is_lost_until_it_is_synced() {
    let mut disk = disk();
    disk.cut("file", 6).unwrap();
    assert_eq!(disk.shown("file").unwrap(), b"aaaabb");
    disk.lose_power(|_| false);
    assert_eq!(disk.shown("file").unwrap(), b"aaaabbbb");
    disk.cut("file", 6).unwrap();
    disk.sync("file").unwrap();
    disk.lose_power(|unsynced| panic!("{unsynced:?} was synced"));
    assert_eq!(disk.shown("file").unwrap(), b"aaaabb");
}

#[test]
fn names_are_lost_until_the_folder_is_synced() {
    let change = |disk: &mut Memory| {
        disk.write_at("new", 0, b"new").unwrap();
        disk.sync("new").unwrap();
        disk.rename("new", "file").unwrap();
    };
    let mut disk = disk();
    change(&mut disk);
    disk.lose_power(|_| false);
    assert_eq!(disk.shown("file").unwrap(), b"aaaabbbb");
    assert_eq!(disk.shown("new"), None);

    change(&mut disk);
    disk.lose_power(|unsynced| unsynced == Unsynced::Entry("new"));
    assert_eq!(disk.shown("new").unwrap(), b"new");
    assert_eq!(disk.shown("file").unwrap(), b"aaaabbbb");

    disk.remove("new").unwrap();
    change(&mut disk);
    disk.sync_folder().unwrap();
    disk.lose_power(|unsynced| panic!("{unsynced:?} was synced"));
    assert_eq!(disk.shown("file").unwrap(), b"new");
    assert_eq!(disk.shown("new"), None);
}

#[test]
fn a_sync_that_failed_is_not_made_good_by_the_next() {
    let mut disk = disk();
    disk.write_at("file", 0, b"XXXX").unwrap();
    disk.fail(0, Fault::Io);
    disk.sync("file").unwrap_err();
    disk.sync("file").unwrap();
    assert_eq!(disk.shown("file").unwrap(), b"XXXXbbbb");
    disk.lose_power(|_| true);
    assert_eq!(disk.shown("file").unwrap(), b"aaaabbbb");
}

#[test]
fn a_full_disk_takes_a_part() {
    let mut disk = disk();
    disk.fail(0, Fault::Full(3));
    let error = disk.write_at("file", 8, b"XXXX").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    assert_eq!(disk.shown("file").unwrap(), b"aaaabbbbXXX");
}

#[test]
fn a_process_that_is_killed_has_done_it_and_does_nothing_more() {
    let mut disk = disk();
    disk.fail(1, Fault::Killed);
    disk.write_at("file", 0, b"X").unwrap();
    disk.write_at("file", 1, b"Y").unwrap_err();
    assert!(disk.is_killed());
    disk.write_at("file", 2, b"Z").unwrap_err();
    disk.restart();
    assert_eq!(disk.read("file", 9).unwrap(), b"XYaabbbb");
}
