//! Exercise: how far is a server's clock from the client's, and how sure is that? One way to write
//! it.

use checks::wall_clocks::{BadSample, Sample};

/// The offset that four stamps allow, and how far from it the true one may be.
pub fn sample(t1: i64, t2: i64, t3: i64, t4: i64) -> Result<Sample, BadSample> {
    if t4 < t1 || t3 < t2 {
        return Err(BadSample::ClockSetBack);
    }
    // Two stamps may be further apart than an i64 can say.
    let [t1, t2, t3, t4] = [t1, t2, t3, t4].map(i128::from);
    let delay = (t4 - t1) - (t3 - t2);
    let delay = u64::try_from(delay).map_err(|_| BadSample::NegativeDelay)?;
    let offset = ((t2 - t1) + (t3 - t4)) / 2;
    let offset = i64::try_from(offset).map_err(|_| BadSample::OffsetTooLarge)?;
    Ok(Sample { offset, bound: delay.div_ceil(2) })
}

/// The sample to trust.
pub fn best(samples: &[Result<Sample, BadSample>]) -> Option<Sample> {
    samples.iter().flatten().min_by_key(|sample| sample.bound).copied()
}
