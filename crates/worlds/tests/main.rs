//! Nodes in the simulator and in the explorer, their stamps and their links.

mod fifo;
mod merged;
mod model_checker;
mod nodes;
mod sim;
mod stamps;
