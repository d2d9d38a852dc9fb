//! How do two programs talk, and what is one message?
