fn main() {
    let mut counter = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| counter += 1);
        scope.spawn(|| counter += 1);
    });
    assert_eq!(counter, 2);
}
