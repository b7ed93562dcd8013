//! What the compiler says about a call that cannot work.

#[test]
fn a_call_that_cannot_work_is_explained() {
    // A build of its own, that other tests need not wait for.
    trybuild::TestCases::new().compile_fail("hints/*.rs");
}
