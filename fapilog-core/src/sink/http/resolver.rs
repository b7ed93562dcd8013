//! [`Resolver`]: looks names up, and at what they lead to.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::Arc,
    thread,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use super::address::Reach;
use crate::own;

type Lookup = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// Looks names up as the system does, on a thread each, which a runtime that ends does not wait for.
///
/// A name is refused if one of its addresses is: it is looked at for each connection, as whoever owns
/// the name may have changed it since.
#[derive(Clone)]
pub(super) struct Resolver {
    reach: Reach,
    lookup: Arc<Lookup>,
}

impl Resolver {
    pub(super) fn new(reach: Reach) -> Self {
        Self::with(reach, |name| Ok((name, 0).to_socket_addrs()?.collect()))
    }

    pub(super) fn with(
        reach: Reach,
        lookup: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        let lookup = Arc::new(lookup);
        Self { reach, lookup }
    }

    async fn find(self, name: Name) -> io::Result<Vec<SocketAddr>> {
        let (told, found) = oneshot::channel();
        let reach = self.reach;
        let look = move || {
            own::mark_thread();
            // Nobody may wait for it any more.
            let _ = told.send((self.lookup)(name.as_str()));
        };
        thread::Builder::new()
            .name("fapilog-dns".to_owned())
            .spawn(look)?;
        let found = found.await.map_err(io::Error::other)??;
        match found.iter().find_map(|it| reach.refuses(it.ip())) {
            Some(why) => {
                let text = format!("no events go there: an address of the name {why}");
                Err(io::Error::other(text))
            }
            None => Ok(found),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let find = self.clone().find(name);
        Box::pin(async move {
            let found = find.await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
