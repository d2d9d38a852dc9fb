//! The lesson's promises.

lesson_tests::lesson!();
