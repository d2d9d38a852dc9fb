//! The flags that lessons share.

/// How a lesson is told. Every lesson flattens these into its own arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Run straight through: no pauses, and predictions come with their answers
    #[arg(long)]
    pub no_pause: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value_t = clap::ColorChoice::Auto)]
    pub color: clap::ColorChoice,
}

/// Where a run draws at random: the seed, and with it every draw.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct SeedArgs {
    /// Seed of everything drawn at random; the same seed gives the same run
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}
