//! x
/// x
pub fn run(_: &mut narration::Narrator<'_>) -> anyhow::Result<()> { Ok(()) }
