//! The map of the course, and the commands that run a lesson and check an exercise
