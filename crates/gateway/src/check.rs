//! Whether a deployment answers, and whose rights the connection has.

use anyhow::bail;
use bson::{Bson, Document, doc};
use mongodb::Client;

use crate::{metrics::Pool, settings::Settings, sources::Sources};

/// Asks each deployment, and prints what it says.
///
/// # Errors
/// One that does not answer.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let sources = Sources::new(&settings, &Pool::default()).await?;
    let mut away = Vec::new();
    for (name, client) in sources.all() {
        match ask(client).await {
            Ok(said) => println!("{name}: {said}"),
            Err(error) => {
                println!("{name}: does not answer: {}", error.kind);
                away.push(name);
            }
        }
    }
    if !away.is_empty() {
        bail!("{} not to be had", away.join(", "));
    }
    Ok(())
}

async fn ask(client: &Client) -> mongodb::error::Result<String> {
    let admin = client.database("admin");
    let build = admin.run_command(doc! {"buildInfo": 1}).await?;
    let version = build.get_str("version").unwrap_or("of no known version");
    let server = match build
        .get_document("ferretdb")
        .and_then(|it| it.get_str("version"))
    {
        Ok(own) => format!("FerretDB {own} (as MongoDB {version})"),
        Err(_) => format!("MongoDB {version}"),
    };
    let status = admin.run_command(doc! {"connectionStatus": 1}).await?;
    let info = status.get_document("authInfo").cloned().unwrap_or_default();
    let users = names(&info, "authenticatedUsers", "user");
    let roles = names(&info, "authenticatedUserRoles", "role");
    let whose = match users.as_str() {
        "" => "as nobody: whoever reaches the server may all".to_owned(),
        users => format!("as {users}, who has the roles {roles}"),
    };
    Ok(format!("{server}, {whose}"))
}

/// `name@database`, `name@database`, …
fn names(info: &Document, list: &str, name: &str) -> String {
    let entries = info.get_array(list).map(Vec::as_slice).unwrap_or_default();
    let entries = entries.iter().filter_map(Bson::as_document).map(|entry| {
        let text = |field| entry.get_str(field).unwrap_or("?");
        format!("{}@{}", text(name), text("db"))
    });
    entries.collect::<Vec<_>>().join(", ")
}
