//! What the tests of every lesson share: the contract, the transcript, the page
