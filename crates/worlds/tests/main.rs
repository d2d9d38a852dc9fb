//! Nodes in the simulator and in the explorer, their stamps and their links.

mod clocks;
mod merged;
mod model_checker;
mod nodes;
mod ordered;
mod sim;
