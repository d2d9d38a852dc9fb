use super::*;
use crate::sound::assert_sound;

#[test]
fn it_is_sound() {
    assert_sound::<DurableCounter>(Arc::new(stub::recover));
}
