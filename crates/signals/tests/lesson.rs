//! The lesson's promises, and its lamp.

mod at_work;

use lesson_tests::Result;

lesson_tests::lesson!();
