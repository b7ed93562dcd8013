//! [`Intake`]: accepting connections no faster than their events can be kept.

use std::{io, net::SocketAddr};

use axum::{
    Router,
    extract::{
        ConnectInfo, Request,
        connect_info::{Connected, IntoMakeServiceWithConnectInfo},
    },
    middleware::map_request,
    serve::{IncomingStream, Listener},
};
use fapilog_core::Logger;
use tokio::net::{TcpListener, TcpStream};

/// Accepts a connection when there is room for an event; for pipelines that lose none.
#[derive(Debug)]
pub(crate) struct Intake {
    pub(crate) listener: TcpListener,
    pub(crate) logger: Logger,
}

impl Listener for Intake {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        // Given back at once: each request asks for its own.
        drop(self.logger.permit().await);
        Listener::accept(&mut self.listener).await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// The other end of a connection that came through here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(SocketAddr);

impl Connected<IncomingStream<'_, Intake>> for Client {
    fn connect_info(stream: IncomingStream<'_, Intake>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// The app with the address where it stands for every other listener.
pub(crate) fn service(app: Router) -> IntoMakeServiceWithConnectInfo<Router, Client> {
    let named = map_request(|mut request: Request| async move {
        let client = request.extensions().get::<ConnectInfo<Client>>();
        if let Some(ConnectInfo(Client(address))) = client.copied() {
            request.extensions_mut().insert(ConnectInfo(address));
        }
        request
    });
    app.layer(named).into_make_service_with_connect_info()
}
