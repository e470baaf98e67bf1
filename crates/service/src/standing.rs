//! What somebody may do by now, whatever their token says: a token is good for its quarter of an hour, and who is deleted or
//! demoted meanwhile changes nothing more by it. It costs what writes one read by `_id`; reads take the token's word.

use data_api_client::{Id, living};
use serde::{Deserialize, Serialize};
use tokens::Role;

use crate::{Caller, Context, Problem};

/// As much of a user as it takes.
#[derive(Serialize, Deserialize)]
struct Standing {
    #[serde(alias = "_id")]
    id: Id,
    role: Role,
}

/// The role that a caller's own document says; none where there is no such user.
pub(crate) async fn stored(context: Context, caller: Caller) -> Result<Option<Role>, Problem> {
    let users = context.storage()?.collection::<Standing>("users");
    let found = users
        .find_one(living(bson::doc! {"_id": caller.id}))
        .await?;
    Ok(found.map(|user| user.role))
}
