//! The parts that lessons share: frames, transport, faults, retries, virtual time
