//! What goes between the gateway and the server: heard, and cut where a test wants it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Somebody in between.
#[derive(Clone)]
pub struct Wire {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    cut: Arc<Mutex<Option<&'static str>>>,
}

impl Wire {
    /// In front of a server.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            address: listener.local_addr().unwrap(),
            heard: Arc::default(),
            cut: Arc::default(),
        };
        let own = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if let Ok(server) = TcpStream::connect(server).await {
                    let (from, mut to) = client.into_split();
                    let (mut back, forth) = server.into_split();
                    tokio::spawn(own.clone().pass(from, forth));
                    tokio::spawn(async move { copy(&mut back, &mut to).await });
                }
            }
        });
        wire
    }

    pub fn uri(&self) -> String {
        format!("mongodb://{}", self.address)
    }

    /// From now on the connection ends at a command.
    pub fn cut_at(&self, command: &'static str) {
        *self.cut.lock().unwrap() = Some(command);
    }

    /// How often a command was heard.
    pub fn count(&self, command: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|heard| *heard == command).count()
    }

    async fn pass(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> std::io::Result<()> {
        loop {
            let length = from.read_u32_le().await?;
            let mut message = vec![0; length as usize - 4];
            from.read_exact(&mut message).await?;
            if let Some(command) = command(&message) {
                self.heard.lock().unwrap().push(command.clone());
                if *self.cut.lock().unwrap() == Some(command.as_str()) {
                    return Ok(());
                }
            }
            to.write_u32_le(length).await?;
            to.write_all(&message).await?;
        }
    }
}

/// The name of a command: the first field of the document of an `OP_MSG`, whose header but for the length is before it.
fn command(message: &[u8]) -> Option<String> {
    const OP_MSG: [u8; 4] = 2013_u32.to_le_bytes();
    // After the header the flags, the kind of the section, the document's length, the field's type.
    let name = message.get(12 + 4 + 1 + 4 + 1..)?;
    let is_command = message[8..12] == OP_MSG && message[16] == 0;
    let end = name.iter().position(|byte| *byte == 0)?;
    is_command.then(|| String::from_utf8_lossy(&name[..end]).into_owned())
}
