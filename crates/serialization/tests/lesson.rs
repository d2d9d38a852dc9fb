//! The lesson's promises, and its sides and victims as real processes.

lesson_tests::lesson!();
