//! The course as a reader has it, in a folder of lessons of its own.

#![cfg(unix)]

mod commands;
mod exercise;
mod folder;
mod script;
mod terminal;
