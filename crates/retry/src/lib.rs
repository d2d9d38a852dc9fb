//! Should you try again? When, and how often?
