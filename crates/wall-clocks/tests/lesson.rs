//! The lesson's promises, and its two sides as real processes.

lesson_tests::lesson!();
