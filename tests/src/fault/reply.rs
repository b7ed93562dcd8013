//! [`Reply`]: how a request is answered, or not.

use std::{future::pending, io, time::Duration};

use tokio::{
    io::{AsyncWriteExt, copy, sink},
    net::TcpStream,
    time::sleep,
};

use super::port::will_reset;

/// An answer to a request, and what goes wrong with it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Reply {
    content: Content,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    delay: Duration,
    drip: Option<(usize, Duration)>,
    cut: Option<(usize, Cut)>,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    Status(u16),
    /// The body is all there is.
    Raw,
    /// A body without an end.
    Endless,
    Nothing,
}

/// How the connection ends before the reply does.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Close,
    HalfClose,
    Reset,
}

impl Reply {
    /// An empty body.
    pub fn status(status: u16) -> Self {
        Self::with(Content::Status(status))
    }

    /// No byte, until the server is stopped.
    pub fn hang() -> Self {
        Self::with(Content::Nothing)
    }

    /// 200, and a body without an end.
    pub fn endless() -> Self {
        Self::with(Content::Endless)
    }

    /// These bytes, whatever they are, and the end of the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::with(Content::Raw).body(bytes)
    }

    fn with(content: Content) -> Self {
        Self {
            content,
            headers: Vec::new(),
            body: Vec::new(),
            delay: Duration::ZERO,
            drip: None,
            cut: None,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Waits before the first byte.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sends so many bytes at once, with a pause after them.
    pub fn drip(mut self, bytes: usize, pause: Duration) -> Self {
        self.drip = Some((bytes.max(1), pause));
        self
    }

    /// Resets the connection after so many bytes of the reply.
    pub fn reset_after(mut self, bytes: usize) -> Self {
        self.cut = Some((bytes, Cut::Reset));
        self
    }

    /// Closes the connection after so many bytes of the reply.
    pub fn close_after(mut self, bytes: usize) -> Self {
        self.cut = Some((bytes, Cut::Close));
        self
    }

    /// Closes the direction to the client after so many bytes of the reply, and goes on reading.
    pub fn half_close_after(mut self, bytes: usize) -> Self {
        self.cut = Some((bytes, Cut::HalfClose));
        self
    }

    /// Sends it, and says whether the connection goes on. Tells the status when the last byte of the
    /// head is about to be sent: from there on the client may know it.
    pub(super) async fn send(
        &self,
        stream: &mut TcpStream,
        answered: impl FnOnce(u16),
    ) -> io::Result<bool> {
        sleep(self.delay).await;
        let (status, head) = match self.content {
            Content::Status(status) => (Some(status), self.head(status)),
            Content::Endless => (Some(200), self.head(200)),
            Content::Raw => (None, String::new()),
            Content::Nothing => return pending().await,
        };
        let bytes = [head.as_bytes(), &self.body].concat();
        let end = self
            .cut
            .map_or(bytes.len(), |(end, _)| end.min(bytes.len()));
        let before = self.end_before(head.len().min(end));
        self.write(stream, &bytes[..before]).await?;
        if let Some(status) = status.filter(|_| end >= head.len()) {
            answered(status);
        }
        self.write(stream, &bytes[before..end]).await?;
        match (self.content, self.cut) {
            (_, Some((_, cut))) => end_by(cut, stream).await,
            (Content::Endless, None) => loop {
                self.write(stream, &[b'x'; 64 * 1024]).await?;
            },
            (content, None) => Ok(matches!(content, Content::Status(_))),
        }
    }

    /// The last piece of the head begins here.
    fn end_before(&self, head: usize) -> usize {
        let piece = self.drip.map_or(head, |(piece, _)| piece).max(1);
        head.saturating_sub(1) / piece * piece
    }

    async fn write(&self, stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
        let Some((piece, pause)) = self.drip else {
            return stream.write_all(bytes).await;
        };
        for piece in bytes.chunks(piece) {
            stream.write_all(piece).await?;
            sleep(pause).await;
        }
        Ok(())
    }

    fn head(&self, status: u16) -> String {
        let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let has_body = status >= 200 && ![204, 304].contains(&status);
        if has_body && !matches!(self.content, Content::Endless) {
            head += &format!("content-length: {}\r\n", self.body.len());
        }
        head + "\r\n"
    }
}

async fn end_by(cut: Cut, stream: &mut TcpStream) -> io::Result<bool> {
    match cut {
        Cut::Close => {}
        Cut::Reset => will_reset(stream),
        Cut::HalfClose => {
            stream.shutdown().await?;
            copy(stream, &mut sink()).await?;
        }
    }
    Ok(false)
}
