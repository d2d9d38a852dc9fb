//! Judges the exercises: for each a stub, a reference, known mistakes and the cases
