//! No answer came. What happened?
