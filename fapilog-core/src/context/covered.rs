//! [`Covered`]: a future in a scope.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::Scope;

pin_project! {
    /// A future inside a [`Scope`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Covered<F> {
        #[pin]
        pub(super) future: Option<F>,
        pub(super) scope: Option<Scope>,
    }

    impl<F> PinnedDrop for Covered<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.scope.as_ref().map(Scope::enter);
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for Covered<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.scope.as_ref().map(Scope::enter);
        match this.future.as_pin_mut() {
            Some(future) => future.poll(cx),
            // Only the drop takes the future out.
            None => Poll::Pending,
        }
    }
}
